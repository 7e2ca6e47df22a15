"""What the listener does with deliveries that are forged, repeated, out of order, too large, cut off, or not what they say they are.

No cluster is needed: what was taken is looked for in the store, what was refused must have left nothing there.
"""
import hashlib, hmac, http.client, json, os, socket, sqlite3, ssl, subprocess, time, uuid

import pytest

from conftest import WEBHOOK_SECRET, free_port, push_payload

LIMIT = 25 * 1024 * 1024
MAIN = '[{push: {branch: main}}, {manual: {}}]'


def signature(body, secret=WEBHOOK_SECRET):
    return 'sha256=' + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def fields(body, **changed):
    """The fields of a genuine delivery; a changed one is given with _ for -, and left out when it is None."""
    all_of_them = {'Content-Type': 'application/json', 'User-Agent': 'GitHub-Hookshot/abc', 'X-GitHub-Event': 'push',
                   'X-GitHub-Delivery': str(uuid.uuid4()), 'X-GitHub-Hook-ID': '1', 'X-Hub-Signature-256': signature(body)}
    all_of_them.update({name.replace('_', '-'): value for name, value in changed.items()})
    return {name: value for name, value in all_of_them.items() if value is not None}


class Hooks:
    def __init__(self, daemon, repository, tls=None):
        self.daemon, self.repository, self.tls = daemon, repository, tls

    def connect(self):
        plain = socket.create_connection(('127.0.0.1', self.daemon.port), timeout=30)
        return self.tls.wrap_socket(plain, server_hostname='127.0.0.1') if self.tls else plain

    def send(self, body, method='POST', path='/webhooks/github', **changed):
        connection = http.client.HTTPConnection('127.0.0.1', self.daemon.port, timeout=60)
        connection.sock = self.connect()
        try:
            connection.request(method, path, body=body, headers=fields(body, **changed))
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        self.harmless(text)
        return answer.status, json.loads(text) if text.startswith('{') else text

    def push(self, after, before='0' * 40, ref='refs/heads/main', **changed):
        return self.send(json.dumps(push_payload(self.repository.name, before, after, ref)).encode(), **changed)

    def harmless(self, text):
        for word in (WEBHOOK_SECRET, self.daemon.folder, 'sluice.db', '/webhook.cpp', 'SELECT', 'INSERT'):
            assert word not in text, text

    def stored(self):
        database = sqlite3.connect('file:%s/data/sluice.db?mode=ro' % self.daemon.folder, uri=True)
        try:
            return database.execute('SELECT guid, event, repository, state FROM deliveries ORDER BY id').fetchall()
        finally:
            database.close()

    def logged(self, *words):
        """Waits for a line of the log that has all of the words."""
        deadline = time.time() + 10
        while time.time() < deadline:
            for line in self.daemon.log_text().splitlines():
                if all(word in line for word in words):
                    return json.loads(line)
            time.sleep(0.05)
        raise AssertionError('%s not in the log\n%s' % (words, self.daemon.log_text()[-3000:]))


@pytest.fixture(params=['plain', 'tls'])
def hooks(request, repository, make_daemon, tmp_path):
    repository.write('helmfile.yaml', 'releases: []\n')
    daemon = make_daemon(repository, None, triggers=MAIN)
    tls = None
    if request.param == 'tls':
        certificate, key = os.path.join(daemon.folder, 'tls.crt'), os.path.join(daemon.folder, 'tls.key')
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=sluice',
                        '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate], check=True, stderr=subprocess.DEVNULL)
        text = open(daemon.config).read().replace('public_url: "http:', 'tls: {certificate: %s, key: {file: %s}}, public_url: "https:' % (certificate, key))
        open(daemon.config, 'w').write(text)
        tls = ssl.create_default_context(cafile=certificate)
        daemon.start(wait=False)
        wait_until_listening(daemon)
    else:
        daemon.start()
    yield Hooks(daemon, repository, tls)


@pytest.fixture
def plain(repository, make_daemon):
    repository.write('helmfile.yaml', 'releases: []\n')
    daemon = make_daemon(repository, None, triggers=MAIN)
    daemon.start()
    return Hooks(daemon, repository)


def wait_until_listening(daemon):
    deadline = time.time() + 20
    while time.time() < deadline:
        assert daemon.process.poll() is None, daemon.log_text()
        try:
            socket.create_connection(('127.0.0.1', daemon.port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise AssertionError('sluice does not listen\n' + daemon.log_text())


def refused(answer, status, code):
    assert answer[0] == status, answer
    assert answer[1]['code'] == code and answer[1]['message'] and answer[1]['status'] == status, answer
    return answer[1]


def test_a_genuine_delivery_is_stored_before_the_answer_and_a_second_time_is_a_duplicate(hooks):
    sha, guid = hooks.repository.push('first'), str(uuid.uuid4())
    assert hooks.push(sha, X_GitHub_Delivery=guid)[0] == 202
    assert [row[0] for row in hooks.stored()] == [guid]
    assert hooks.push(sha, X_GitHub_Delivery=guid) == (200, {'status': 'duplicate'})
    assert len(hooks.stored()) == 1


def test_what_is_not_signed_as_agreed_is_401_with_one_text_and_leaves_nothing(hooks):
    body = json.dumps(push_payload(hooks.repository.name, '0' * 40, 'a' * 40)).encode()
    good = signature(body)
    wrong = {'none': None, 'empty': '', 'other secret': signature(body, 'x' * 40), 'other body': signature(body + b' '), 'no prefix': good[7:],
             'sha1': 'sha1=' + good[7:47], 'upper case': 'sha256=' + good[7:].upper(), 'short': good[:-1], 'long': good + '0', 'not hex': good[:-1] + 'g',
             'last bit': good[:-1] + ('0' if good[-1] != '0' else '1')}
    answers = {name: hooks.send(body, X_Hub_Signature_256=value) for name, value in wrong.items()}
    for name, answer in answers.items():
        refused(answer, 401, 'signature-invalid')
        assert answer == answers['none'], 'the answer tells nothing about what was wrong: ' + name
    assert hooks.stored() == []
    hooks.logged('"warn"', 'wrong signature')


def test_25_mib_are_taken_and_one_byte_more_is_not(hooks):
    payload = push_payload(hooks.repository.name, '0' * 40, hooks.repository.push('large'))
    payload['padding'] = ''
    payload['padding'] = 'x' * (LIMIT - len(json.dumps(payload)))
    body = json.dumps(payload).encode()
    assert len(body) == LIMIT
    assert hooks.send(body)[0] == 202
    assert len(hooks.stored()) == 1

    # the length alone is enough to refuse, nothing of the body is waited for
    larger = body + b' '
    with hooks.connect() as s:
        head = ''.join('%s: %s\r\n' % item for item in fields(larger, Host='x', Content_Length=str(len(larger))).items())
        s.sendall(('POST /webhooks/github HTTP/1.1\r\n' + head + '\r\n').encode())
        assert answer_on(s)[0] == 413
    # and without a length, it is counted
    with hooks.connect() as s:
        head = ''.join('%s: %s\r\n' % item for item in fields(larger, Host='x', Transfer_Encoding='chunked').items())
        s.sendall(('POST /webhooks/github HTTP/1.1\r\n' + head + '\r\n').encode() + b'%x\r\n' % len(larger))
        try:
            s.sendall(larger)
            s.sendall(b'\r\n0\r\n\r\n')
        except OSError:
            pass  # it may have stopped reading
        assert answer_on(s)[0] == 413
    assert len(hooks.stored()) == 1


def answer_on(s):
    """Status and whole text of the one answer on a socket, up to its end."""
    text = b''
    try:
        while True:
            more = s.recv(65536)
            if not more:
                break
            text += more
    except (ConnectionResetError, ssl.SSLError):
        pass
    return (int(text.split(b' ', 2)[1]) if text.startswith(b'HTTP/1.1 ') else None), text.decode(errors='replace')


def raw_head(body, path='/webhooks/github', **changed):
    head = ''.join('%s: %s\r\n' % item for item in fields(body, Host='x', **changed).items())
    return ('POST %s HTTP/1.1\r\n%s\r\n' % (path, head)).encode()


def test_a_body_that_ends_early_leaves_nothing(hooks):
    body = json.dumps(push_payload(hooks.repository.name, '0' * 40, 'a' * 40)).encode()
    with hooks.connect() as s:
        s.sendall(raw_head(body, Content_Length=str(len(body))) + body[:-1])
        if not hooks.tls:
            s.shutdown(socket.SHUT_WR)
            assert answer_on(s)[0] in (None, 400)
    # a length that is shorter than the body is another body, which is not signed
    with hooks.connect() as s:
        s.sendall(raw_head(body, Content_Length=str(len(body) - 1)) + body[:-1])
        s.settimeout(30)
        assert s.recv(12) == b'HTTP/1.1 401'
    assert hooks.stored() == []
    assert hooks.send(body, X_GitHub_Event='ping')[0] in (200, 400), 'and the listener goes on'


def test_a_body_that_trickles_in_is_cut_off_at_its_deadline_and_disturbs_nobody(plain):
    body = json.dumps(push_payload(plain.repository.name, '0' * 40, 'a' * 40)).encode()
    genuine = plain.repository.push('genuine')
    with plain.connect() as s:
        s.sendall(raw_head(body, Content_Length=str(len(body))))
        s.settimeout(0.5)
        began, ended = time.time(), None
        for position in range(len(body) - 1):
            try:
                s.sendall(body[position:position + 1])
                if s.recv(1) == b'':
                    ended = time.time()
            except socket.timeout:
                pass
            except OSError:
                ended = time.time()
            if ended:
                break
            if position == 2:
                assert plain.push(genuine)[0] == 202
            assert time.time() - began < 15, 'bytes are still taken after the deadline of 10 s'
        assert ended and ended - began > 8
    assert len(plain.stored()) == 1


def test_a_signed_body_that_is_not_what_it_says_is_400_and_the_log_says_where(plain):
    name, sha = plain.repository.name, 'a' * 40
    push = push_payload(name, '0' * 40, sha)
    deep = ('{"a":' * 70 + '1' + '}' * 70).encode()
    bodies = {
        b'': 'JSON', b'[1,2]': 'object', b'"text"': 'object', b'{"a":': '', b'{} {}': '', b'\xff\xfe{}': '', deep: '64',
        b'[' * 100000: '', b'{"ref":"a","ref":"b"}': 'twice', b'{"ref": NaN}': '',
    }
    for changed in ({'repository': []}, {'repository': {'id': 'x', 'full_name': name}}, {'repository': {'id': 1, 'full_name': 7}}, {'ref': 5}, {'after': 'zzz'},
                    {'after': None}, {'sender': 'ann'}):
        bodies[json.dumps(dict(push, **changed)).encode()] = next(iter(changed))
    for body, word in bodies.items():
        guid = str(uuid.uuid4())
        answer = refused(plain.send(body, X_GitHub_Delivery=guid), 400, 'request-malformed')
        assert word in answer['message'], (body[:80], answer)
        line = plain.logged('delivery refused', guid)
        assert line['level'] == 'warn' and len(json.dumps(line)) < 2000
    assert plain.stored() == []


def test_fields_that_must_be_there_are_asked_for(plain):
    body = json.dumps(push_payload(plain.repository.name, '0' * 40, 'a' * 40)).encode()
    for changed in ({'X_GitHub_Event': None}, {'X_GitHub_Delivery': None}, {'X_GitHub_Delivery': 'a b'}, {'X_GitHub_Delivery': 'x' * 101}, {'X_GitHub_Event': '<script>'}):
        answer = refused(plain.send(body, **changed), 400, 'request-malformed')
        assert 'X-GitHub-Event' in answer['message'] and '<script>' not in answer['message']
    assert plain.stored() == []


def test_content_types_other_than_json_are_415(plain):
    body = json.dumps(push_payload(plain.repository.name, '0' * 40, plain.repository.push('first'))).encode()
    for kind in ('application/x-www-form-urlencoded', 'text/plain', 'application/jsonx', 'multipart/form-data; boundary=x', None):
        refused(plain.send(body, Content_Type=kind), 415, 'unsupported-media-type')
    refused(plain.send(body, Content_Encoding='gzip'), 415, 'unsupported-encoding')
    assert plain.stored() == []
    assert plain.send(body, Content_Type='application/json; charset=utf-8')[0] == 202


def test_what_became_of_deliveries_is_counted(plain):
    sha = plain.repository.push('first')
    body = json.dumps(push_payload(plain.repository.name, '0' * 40, sha)).encode()
    guid = str(uuid.uuid4())
    for changed in ({}, {}, {'X_Hub_Signature_256': None}, {'X_Hub_Signature_256': signature(b'')}, {'X_GitHub_Event': 'issues', 'X_GitHub_Delivery': str(uuid.uuid4())}):
        plain.send(body, **{'X_GitHub_Delivery': guid, **changed})
    plain.send(b'[]')
    status, text = plain.daemon.request('GET', '/metrics', token='viewer')
    assert status == 200
    for result, count in (('stored', 1), ('duplicate', 1), ('bad_signature', 2), ('ignored', 1), ('malformed', 1), ('not_stored', 0)):
        assert 'sluice_deliveries_total{result="%s"} %d\n' % (result, count) in text, text
    assert 'sluice_http_answers_total{class="4xx"} 3\n' in text, text
    names = [line.split(' ')[0] for line in text.splitlines() if not line.startswith('#')]
    assert len(names) == len(set(names)), 'each is told once: ' + text


def test_other_methods_and_paths_are_refused(plain):
    assert plain.send(b'', method='GET')[0] == 405
    assert plain.send(b'{}', method='PUT')[0] == 405
    assert plain.send(b'{}', path='/webhooks/github/')[0] == 404
    assert plain.send(b'{}', path='/webhooks/gitlab')[0] == 404
    assert plain.stored() == []


def test_ping_is_answered_and_bad_hook_settings_are_logged(plain):
    ping = {'zen': 'Design for failure.', 'hook_id': 1, 'hook': {'type': 'Repository', 'id': 1, 'events': ['push'], 'config': {'content_type': 'form', 'insecure_ssl': '1'}},
            'repository': {'id': 4711, 'full_name': plain.repository.name}}
    assert plain.send(json.dumps(ping).encode(), X_GitHub_Event='ping') == (200, {'status': 'pong'})
    plain.logged('"warn"', 'webhook settings', 'does not verify our certificate')
    plain.logged('"warn"', 'webhook settings', 'content type')
    assert plain.stored() == []


def test_what_nobody_configured_is_ignored_and_says_why(plain):
    sha = 'a' * 40
    other = json.dumps(push_payload('somebody/else', '0' * 40, sha)).encode()
    status, answer = plain.send(other)
    assert status in (200, 401), answer  # a secret is for one repository; another one's name under it is no genuine delivery
    assert status == 401 or answer['status'] == 'ignored'
    assert plain.send(b'{}') == (200, {'status': 'ignored', 'reason': 'repo-not-allowed: the repository is not configured'})
    assert plain.push(sha, ref='refs/heads/other')[1]['status'] == 'ignored'
    assert plain.push(sha, ref='refs/tags/v1')[1]['status'] == 'ignored'
    assert plain.push('0' * 40, before=sha)[1]['status'] == 'ignored', 'a branch that was deleted'
    status, answer = plain.send(b'{"action":"opened","repository":{"id":4711,"full_name":"ann/web"}}', X_GitHub_Event='issues')
    assert (status, answer['status']) == (200, 'ignored') and answer['reason']
    assert plain.stored() == []
    assert plain.daemon.deployments() == []
    for asked in ({'repository': 'somebody/else', 'environment': 'prod'}, {'repository': 'ann/web', 'environment': 'nowhere'}):
        status, answer = plain.daemon.request('POST', '/api/v1/deployments', dict(asked, ref='main'), token='operator')
        assert status == 404 and answer['code'] == 'not-found', answer


def test_a_replay_makes_no_second_deployment(plain):
    sha = plain.repository.push('first')
    body = json.dumps(push_payload(plain.repository.name, '0' * 40, sha)).encode()
    guid = str(uuid.uuid4())
    assert plain.send(body, X_GitHub_Delivery=guid)[0] == 202
    for again in ({'X_GitHub_Delivery': guid}, {'X_GitHub_Delivery': guid, 'X_GitHub_Hook_ID': '2'}, {}, {'X_GitHub_Hook_ID': '2'}):
        assert plain.send(body, **again) == (200, {'status': 'duplicate'}), again
    # the same signed body as another event, and another body under the same id
    refused(plain.send(body, X_GitHub_Event='release', X_GitHub_Delivery=str(uuid.uuid4())), 400, 'request-malformed')
    other = json.dumps(push_payload(plain.repository.name, sha, 'b' * 40)).encode()
    refused(plain.send(other, X_GitHub_Delivery=guid), 409, 'conflict')
    plain.logged('"warn"', 'delivery id used twice', guid)
    plain.daemon.wait_new(0)
    assert [d['commit'] for d in plain.daemon.deployments()] == [sha]


def test_deliveries_out_of_order_end_at_the_head(plain):
    shas = [plain.repository.push('number %d' % number) for number in range(4)]
    for position in (3, 1, 0, 2):
        assert plain.push(shas[position], before=shas[position - 1] if position else '0' * 40)[0] == 202
    deadline = time.time() + 60
    while time.time() < deadline:
        found = {d['commit']: d for d in plain.daemon.deployments()}
        if set(found) == set(shas) and all(d['final'] for d in found.values()):
            break
        time.sleep(0.1)
    # the head cannot be planned, there is no cluster here; every older commit is recognized before anything else is tried
    assert {sha: d['state'] for sha, d in found.items()} == {**{sha: 'superseded' for sha in shas[:3]}, shas[3]: 'plan_failed'}, json.dumps(found, indent=1)
    for sha in shas[:3]:
        assert found[sha]['reason'], found[sha]


def test_what_was_taken_survives_a_kill_right_after_the_answer(plain):
    sha, guid = plain.repository.push('first'), str(uuid.uuid4())
    assert plain.push(sha, X_GitHub_Delivery=guid)[0] == 202
    plain.daemon.kill()
    assert [row[0] for row in plain.stored()] == [guid]
    plain.daemon.start()
    number = plain.daemon.wait_new(0)
    assert plain.daemon.deployment(number)['commit'] == sha
