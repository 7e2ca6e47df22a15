"""Clusters that refuse, cut off, lie or are somebody else: every planning ends in time, in a true state, with the reason; a push that is cut off tells
the truth about what it did.

All of the clusters that fail are tried at once, each by a daemon of its own, because giving up on some of them takes half a minute.
"""
import base64, json, os, re, select, socket, ssl, subprocess, threading, time, uuid

import pytest

from conftest import Repository, daemon_maker, push_payload

CANARY = 'token-that-nobody-may-see'


def certificate_authority(folder, name):
    """Paths of a CA, and of a certificate for 127.0.0.1 with its key."""
    path = lambda kind: os.path.join(folder, '%s.%s' % (name, kind))
    key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    quiet = {'check': True, 'stderr': subprocess.DEVNULL, 'stdout': subprocess.DEVNULL}
    subprocess.run(['openssl', 'req', '-x509', *key, '-days', '2', '-subj', '/CN=' + name, '-keyout', path('ca.key'), '-out', path('ca.crt')], **quiet)
    subprocess.run(['openssl', 'req', *key, '-subj', '/CN=server', '-keyout', path('key'), '-out', path('csr')], **quiet)
    open(path('ext'), 'w').write('subjectAltName=IP:127.0.0.1\n')
    subprocess.run(['openssl', 'x509', '-req', '-in', path('csr'), '-CA', path('ca.crt'), '-CAkey', path('ca.key'), '-CAcreateserial', '-days', '2', '-extfile', path('ext'),
                    '-out', path('crt')], **quiet)
    return path


class Stub:
    """Speaks TLS and answers every request with the same bytes; None closes at once."""

    def __init__(self, authority, answer):
        self.answer, self.requests, self.connections = answer, [], 0
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(authority('crt'), authority('key'))
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(plain,), daemon=True).start()

    def serve(self, plain):
        try:
            with self.tls.wrap_socket(plain, server_side=True) as s:
                text = b''
                while True:
                    while b'\r\n\r\n' not in text:
                        more = s.recv(65536)
                        if not more:
                            return
                        text += more
                    head, text = text.split(b'\r\n\r\n', 1)
                    self.requests.append(head.split(b'\r\n')[0].decode())
                    s.sendall(self.answer)
                    if b'Connection: close' in self.answer:
                        return
        except (OSError, ssl.SSLError):
            pass


def answer(status, body, *more):
    body = json.dumps(body).encode() if not isinstance(body, bytes) else body
    head = 'HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n' % (status, len(body), ''.join(line + '\r\n' for line in more))
    return head.encode() + body


def refusal(status, reason, message, **details):
    return {'kind': 'Status', 'apiVersion': 'v1', 'status': 'Failure', 'reason': reason, 'message': message, 'details': details, 'code': status}


FORBIDDEN = refusal(403, 'Forbidden', 'namespaces "kube-system" is forbidden: User "sluice" cannot get resource "namespaces"')
ANSWERS = {
    'forbidden': answer(403, FORBIDDEN),
    'unauthorized': answer(401, refusal(401, 'Unauthorized', 'Unauthorized')),
    'broken': answer(500, b'<html>oops</html>'),
    'busy': answer(429, refusal(429, 'TooManyRequests', 'the server has received too many requests'), 'Retry-After: 1'),
    'cut': answer(200, {'gitVersion': 'v1.34.4' + ' ' * 1000}, 'Connection: close')[:-900],
    'moved': answer(302, b'', 'Location: https://127.0.0.1:1/'),
    'no json': answer(200, b'<html>welcome</html>'),
    'null': answer(200, b'null'),
    'other types': answer(200, {'gitVersion': 7, 'resources': 'none', 'groups': None, 'kind': ['x'], 'metadata': 'x'}),
    'no http': b'SSH-2.0-OpenSSH_9.2\r\n',
    'other CA': answer(200, {}),
    'not allowed': answer(200, {}),
    'exec': answer(200, {}), 'insecure': answer(200, {}), 'proxy': answer(200, {}), 'plain http': answer(200, {}), 'outside file': answer(200, {}),
}


class Failing:
    """What a daemon's configuration needs to know of a cluster."""

    def __init__(self, folder, name, port, ca, cluster={}, user={}, allow=None):
        entry = {'server': 'https://127.0.0.1:%d' % port, 'certificate-authority-data': base64.b64encode(open(ca, 'rb').read()).decode()}
        entry.update(cluster)
        config = {'apiVersion': 'v1', 'kind': 'Config', 'current-context': 'x', 'clusters': [{'name': 'x', 'cluster': entry}],
                  'users': [{'name': 'x', 'user': dict({'token': CANARY}, **user)}], 'contexts': [{'name': 'x', 'context': {'cluster': 'x', 'user': 'x'}}]}
        self.kubeconfig = os.path.join(folder, re.sub(r'\W', '-', name) + '.kubeconfig')
        json.dump(config, open(self.kubeconfig, 'w'))
        self.endpoint = allow or '127.0.0.1:%d' % port


@pytest.fixture(scope='module')
def failing(tmp_path_factory):
    """A daemon for every cluster that fails, each with one deployment on its way."""
    folder = str(tmp_path_factory.mktemp('failing'))
    ours, theirs = certificate_authority(folder, 'ours'), certificate_authority(folder, 'theirs')
    repository = Repository(folder)
    repository.write('helmfile.yaml', 'environments: {prod: {}}\n---\nreleases:\n  - {name: web, namespace: web, chart: ./chart}\n')
    repository.write('chart/Chart.yaml', 'apiVersion: v2\nname: web\nversion: 0.1.0\n')
    repository.write('chart/templates/config.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n')
    sha = repository.push('first')
    maker = daemon_maker(folder)
    all_of_them = {}

    class Case:
        pass

    closed = socket.socket()
    closed.bind(('127.0.0.1', 0))  # bound and not listening: connections are refused, and nobody else gets the port
    changes = {
        'exec': {'user': {'exec': {'apiVersion': 'client.authentication.k8s.io/v1', 'command': 'touch', 'args': [folder + '/ran'], 'interactiveMode': 'Never'}}},
        'insecure': {'cluster': {'insecure-skip-tls-verify': True, 'certificate-authority-data': ''}},
        'proxy': {'cluster': {'proxy-url': 'http://127.0.0.1:1'}},
        'outside file': {'cluster': {'certificate-authority-data': '', 'certificate-authority': '/etc/ssl/certs/ca-certificates.crt'}},
    }
    for name in ['refuses', *ANSWERS]:
        case = Case()
        case.stub = Stub(theirs if name == 'other CA' else ours, ANSWERS[name]) if name != 'refuses' else None
        port = case.stub.port if case.stub else closed.getsockname()[1]
        more = dict(changes.get(name, {}))
        if name == 'plain http':
            more['cluster'] = {'server': 'http://127.0.0.1:%d' % port}
        case.cluster = Failing(folder, name, port, ours('ca.crt'), allow='10.0.0.0/8:%d' % port if name == 'not allowed' else None, **more)
        case.port, case.folder = port, folder
        case.daemon = maker(repository, case.cluster, roles=('viewer', 'approver'))
        case.daemon.start(wait=False)
        all_of_them[name] = case
    for case in all_of_them.values():
        case.daemon.wait_ready()
        status, said = case.daemon.deliver('push', push_payload(repository.name, '0' * 40, sha))
        assert status == 202, said
        case.number = case.daemon.wait_new(0)
    yield all_of_them
    maker.stop_all()
    closed.close()


REASONS = {
    'refuses': ('connecting to 127.0.0.1:', 'refused', 'does it let this machine'),
    'forbidden': ('namespaces "kube-system" is forbidden: User "sluice" cannot get resource "namespaces"',),
    'unauthorized': ('cluster-auth: the API server does not accept the credential',),
    'broken': ('(500)',),
    'busy': ('too many requests',),
    'cut': ('127.0.0.1:',),
    'moved': ('redirects are not followed',),
    'no json': ('JSON',),
    'null': ('does not answer as a Kubernetes API server',),
    'other types': ('does not answer as a Kubernetes API server',),
    'no http': ('127.0.0.1:',),
    'other CA': ('the certificate of 127.0.0.1:', 'is not accepted'),
    'not allowed': ('is not in the cluster\'s allow list (10.0.0.0/8:',),
    'exec': ('exec is refused', 'client certificate'),
    'insecure': ('insecure-skip-tls-verify is refused',),
    'proxy': ('proxy-url is refused',),
    'plain http': ('only https is spoken',),
    'outside file': ('is outside of the kubeconfig\'s folder',),
}


@pytest.mark.parametrize('name', REASONS)
def test_a_cluster_that_fails_fails_the_plan_with_the_reason(failing, name):
    case = failing[name]
    one = case.daemon.wait_state(case.number, 'plan_failed', seconds=90)
    for word in REASONS[name]:
        assert word in one['reason'], one['reason']
    assert one['final'] and not one['digest'] and '\n' not in one['reason'] and len(one['reason']) < 1500, one
    lines = [json.loads(line) for line in case.daemon.log_text().splitlines()]
    assert [line for line in lines if line.get('state') == 'plan_failed' and 'reason' in line and one['reason'].startswith(line['reason'].split('…(+')[0])]
    status, said = case.daemon.request('POST', '/api/v1/deployments/%s/approve' % case.number, {'digest': '0' * 64}, token='approver')
    assert status == 409, said
    for text in (json.dumps(one), case.daemon.log_text()):
        assert CANARY not in text and base64.b64encode(CANARY.encode()).decode() not in text
    assert not os.path.exists(case.folder + '/ran'), 'no program of a kubeconfig is run'
    if case.stub:
        assert all(line.startswith('GET ') for line in case.stub.requests), 'planning only reads: %s' % case.stub.requests
    if name in ('other CA', 'not allowed', 'exec', 'insecure', 'proxy', 'plain http', 'outside file'):
        assert case.stub.requests == [], 'nothing was sent, least of all the token'
    if name in ('not allowed', 'exec', 'insecure', 'proxy', 'plain http', 'outside file'):
        assert case.stub.connections == 0
    if name == 'busy':
        assert 2 <= len(case.stub.requests) <= 12, 'asked again as Retry-After says, and not for ever'
    if name in ('forbidden', 'unauthorized', 'broken', 'moved'):
        assert len(case.stub.requests) <= 2, 'what will not get better is not asked again: %s' % case.stub.requests


@pytest.mark.parametrize('name', [name for name in REASONS if name not in ('busy',)])
def test_check_says_the_same_before_anything_is_deployed(failing, name):
    case = failing[name]
    result = case.daemon.run('check', '-c', case.daemon.config, check=False)
    assert result.returncode == 1, result.stdout
    bad = [line for line in result.stdout.splitlines() if line.startswith('BAD') and 'cluster test' in line]
    assert len(bad) == 1, result.stdout
    for word in REASONS[name]:
        if name != 'refuses':
            assert word in bad[0], bad
    assert CANARY not in result.stdout + result.stderr


def test_check_tells_a_firewall_that_drops_from_a_server_that_is_down(failing):
    """A listener whose queue is full answers nothing, as a firewall that drops does."""
    full = socket.socket()
    full.bind(('127.0.0.1', 0))
    full.listen(0)
    port = full.getsockname()[1]
    fillers = []
    for _ in range(4):
        s = socket.socket()
        s.setblocking(False)
        s.connect_ex(('127.0.0.1', port))
        fillers.append(s)
    time.sleep(0.1)
    case = failing['refuses']
    silent = Failing(case.folder, 'silent', port, case.folder + '/ours.ca.crt')
    config = open(case.daemon.config).read().replace('allow: ["127.0.0.1:%d"]' % case.port, 'allow: ["127.0.0.1:%d"]' % port).replace('credential: kubeconfig', 'file: ' + silent.kubeconfig)
    os.chmod(silent.kubeconfig, 0o600)
    path = case.folder + '/silent.yaml'
    open(path, 'w').write(config)
    began = time.time()
    result = case.daemon.run('check', '-c', path, check=False)
    assert result.returncode == 1 and time.time() - began < 30
    bad = [line for line in result.stdout.splitlines() if line.startswith('BAD') and 'cluster test' in line]
    assert 'no answer in 10 s' in bad[0] and 'allow list' in bad[0], result.stdout
    for s in [full, *fillers]:
        s.close()


class Proxy:
    """Passes bytes on to a real API server until it is told otherwise."""

    def __init__(self, target):
        self.target, self.mode, self.cuts, self.cuts_to_come, self.pairs = target, 'pass', 0, 0, []
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            if self.mode == 'refuse':
                self.cuts += 1
                near.close()
                continue
            far = socket.create_connection(self.target)
            self.pairs.append((near, far))
            threading.Thread(target=self.pump, args=(near, far), daemon=True).start()

    def pump(self, near, far):
        back = 0
        try:
            while True:
                for ready in select.select([near, far], [], [])[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    if ready is far:
                        back += len(data)
                        if self.cuts_to_come > 0 and back > 5000:  # the handshake has 2 000
                            self.cuts += 1
                            self.cuts_to_come -= 1
                            near.sendall(data[:len(data) // 2])
                            return
                    (near if ready is far else far).sendall(data)
        except OSError:
            pass
        finally:
            near.close()
            far.close()

    def cut_all(self):
        for pair in self.pairs:
            for s in pair:
                try:
                    s.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass


@pytest.fixture
def pushed(cluster, repository, make_daemon):
    """A plan of 12 objects that waits, behind a proxy."""
    class Pushed:
        pass
    it = Pushed()
    it.namespace = 'cut-' + uuid.uuid4().hex[:8]
    host, port = cluster.endpoint.rsplit(':', 1)
    it.proxy = Proxy((host, int(port)))
    repository.write('helmfile.yaml', 'environments: {prod: {}}\n---\nreleases:\n  - {name: web, namespace: %s, chart: ./chart, wait: true, timeout: 30}\n' % it.namespace)
    repository.write('chart/Chart.yaml', 'apiVersion: v2\nname: web\nversion: 0.1.0\n')
    repository.write('chart/templates/config.yaml', '{{ range until 12 }}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: "web-{{ . }}"}\ndata: {a: {{ repeat 500 "x" }}}\n{{ end }}')
    behind = Pushed()
    text = open(cluster.kubeconfig).read().replace(cluster.endpoint, '127.0.0.1:%d' % it.proxy.port)
    behind.kubeconfig = os.path.join(repository.work, '..', 'proxied')
    open(behind.kubeconfig, 'w').write(text)
    behind.endpoint = '127.0.0.1:%d' % it.proxy.port
    it.daemon = make_daemon(repository, behind)
    it.daemon.start()
    sha = repository.push('first')
    assert it.daemon.deliver('push', push_payload(repository.name, '0' * 40, sha))[0] == 202
    it.number = it.daemon.wait_new(0)
    it.digest = it.daemon.wait_state(it.number, 'awaiting_approval')['digest']

    def approve():
        status, said = it.daemon.request('POST', '/api/v1/deployments/%s/approve' % it.number, {'digest': it.digest}, token='approver')
        assert status == 200, said

    def objects():
        if not cluster.exists('/api/v1/namespaces/' + it.namespace):
            return []
        return [o['metadata']['name'] for o in cluster.get('/api/v1/namespaces/%s/configmaps' % it.namespace)['items'] if o['metadata']['name'].startswith('web-')]

    it.approve, it.objects = approve, objects
    return it


def test_a_push_whose_connections_are_cut_again_and_again_comes_through(pushed):
    pushed.proxy.cuts_to_come = 6  # each in the middle of an answer
    pushed.proxy.cut_all()
    pushed.approve()
    pushed.daemon.wait_state(pushed.number, 'succeeded', seconds=90)
    assert pushed.proxy.cuts == 6
    assert len(pushed.objects()) == 12


def test_a_cluster_that_goes_away_before_the_push_leaves_nothing_half_said(pushed):
    pushed.proxy.mode = 'refuse'
    pushed.proxy.cut_all()
    pushed.approve()
    deadline = time.time() + 100
    while time.time() < deadline:
        one = pushed.daemon.deployment(pushed.number)
        if one['state'] in ('failed', 'interrupted', 'awaiting_approval', 'plan_failed') or (one['final'] and one['state'] != 'approved'):
            break
        time.sleep(0.2)
    assert one['state'] in ('failed', 'plan_failed') and '127.0.0.1:%d' % pushed.proxy.port in one['reason'], json.dumps(one, indent=1)
    assert pushed.objects() == [] and pushed.proxy.cuts > 0
    # and back: the same commit, by hand, is planned and pushed
    pushed.proxy.mode = 'pass'
    status, made = pushed.daemon.request('POST', '/api/v1/deployments/%s/retry' % pushed.number, {}, token='operator')
    assert status == 201, made
    pushed.number, pushed.digest = made['id'], pushed.daemon.wait_state(made['id'], 'awaiting_approval')['digest']
    pushed.approve()
    pushed.daemon.wait_state(pushed.number, 'succeeded')
    assert len(pushed.objects()) == 12
