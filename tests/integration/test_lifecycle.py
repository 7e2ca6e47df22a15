"""The daemon as the service manager and people see it: start, reload, drain, restart; one push at a time; cancel, retry, roll back, lock; who may do what."""
import http.client, os, re, signal, socket, sqlite3, subprocess, threading, time, uuid

import pytest

from conftest import SLUICE, push_payload
from test_loop import app, live  # noqa: F401  (the fixture)


class Manager:
    """The socket that a service manager listens on for what its services tell."""

    def __init__(self, folder):
        self.path = os.path.join(folder, 'notify')
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.told, self.seen = [], threading.Condition()
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            text = self.socket.recv(4096).decode()
            with self.seen:
                self.told += text.splitlines()
                self.seen.notify_all()

    def wait(self, line, count=1, seconds=20):
        with self.seen:
            assert self.seen.wait_for(lambda: self.told.count(line) >= count, seconds), self.told


@pytest.fixture
def idle(repository, make_daemon):
    """A daemon without a cluster."""
    repository.write('helmfile.yaml', 'releases: []\n')
    return make_daemon(repository, None)


def test_the_service_manager_hears_of_start_reload_and_end(idle, tmp_path):
    manager = Manager(str(tmp_path))
    idle.start(NOTIFY_SOCKET=manager.path)
    manager.wait('READY=1')
    idle.process.send_signal(signal.SIGHUP)
    manager.wait('RELOADING=1')
    manager.wait('READY=1', 2)
    open(idle.config, 'a').write('nonsense: 1\n')
    idle.process.send_signal(signal.SIGHUP)
    manager.wait('READY=1', 3)
    assert 'WATCHDOG=1' not in manager.told, 'nobody asked for it'
    assert idle.stop() == 0
    manager.wait('STOPPING=1')
    assert manager.told[-1] == 'STOPPING=1'


def test_the_watchdog_is_fed_and_is_not_when_the_daemon_hangs(idle, tmp_path):
    manager = Manager(str(tmp_path))
    idle.start(NOTIFY_SOCKET=manager.path, WATCHDOG_USEC='400000')
    manager.wait('WATCHDOG=1', 4)
    os.kill(idle.process.pid, signal.SIGSTOP)
    time.sleep(0.3)
    before = manager.told.count('WATCHDOG=1')
    time.sleep(0.6)
    assert manager.told.count('WATCHDOG=1') == before
    os.kill(idle.process.pid, signal.SIGCONT)
    manager.wait('WATCHDOG=1', before + 2)


def test_a_socket_from_the_service_manager_outlives_restarts(idle):
    listener = socket.create_server(('127.0.0.1', 0), backlog=64)
    idle.port = listener.getsockname()[1]

    def start():
        wrapper = 'exec 3<&%d; export LISTEN_FDS=1 LISTEN_PID=$$; exec "$0" "$@"' % listener.fileno()
        allow_root = ['--allow-root'] if os.getuid() == 0 else []
        idle.log = open(os.path.join(idle.folder, 'log'), 'ab')
        idle.process = subprocess.Popen(['bash', '-c', wrapper, SLUICE, 'serve', '-c', idle.config, *allow_root], env=idle.environment, pass_fds=(listener.fileno(),),
                                        stdin=subprocess.DEVNULL, stdout=idle.log, stderr=idle.log)

    def ask(answers):
        answers.append(idle.request('GET', '/healthz')[0])

    answers = []
    waiting = [threading.Thread(target=ask, args=(answers,)) for _ in range(3)]
    for thread in waiting:  # connected before the daemon is there
        thread.start()
    start()
    for thread in waiting:
        thread.join(20)
    assert answers == [200, 200, 200]
    # a restart: deliveries that come in between wait in the queue of the socket, and none is refused
    statuses = []
    stop = threading.Event()

    def deliver():
        while not stop.is_set():
            try:
                statuses.append(idle.deliver('ping', {'zen': 'x'})[0])
            except (OSError, http.client.HTTPException) as error:
                statuses.append(repr(error))
    sender = threading.Thread(target=deliver)
    sender.start()
    time.sleep(0.3)
    assert idle.stop() == 0
    start()
    deadline = time.time() + 20
    seen = len(statuses)
    while len(statuses) < seen + 5 and time.time() < deadline:
        time.sleep(0.05)
    stop.set()
    sender.join(20)
    assert len(statuses) >= seen + 5 and set(statuses) == {200}, statuses
    listener.close()


def test_sigterm_ends_an_idle_daemon_at_once_and_the_data_is_whole(idle):
    idle.start()
    began = time.time()
    assert idle.stop() == 0 and time.time() - began < 5
    assert idle.run('audit', 'verify', '-c', idle.config).returncode == 0
    idle.start()
    idle.kill()


# ---- who may do what -------------------------------------------------------------------------------------------------

def test_every_route_asks_for_its_role(idle):
    """The table comes from the daemon's own description of its routes, so that none is forgotten."""
    idle.start()
    document = idle.request('GET', '/api/v1/openapi.json')[1]
    needs = {'/api/v1/deployments': {'get': 'viewer', 'post': 'operator'}, '/api/v1/deployments/{id}': {'get': 'viewer'},
             '/api/v1/deployments/{id}/diff': {'get': 'viewer'}, '/api/v1/deployments/{id}/events': {'get': 'viewer'},
             '/api/v1/deployments/{id}/approve': {'post': 'approver'}, '/api/v1/deployments/{id}/reject': {'post': 'approver'},
             '/api/v1/deployments/{id}/cancel': {'post': 'operator'}, '/api/v1/deployments/{id}/retry': {'post': 'operator'},
             '/api/v1/deployments/{id}/rollback': {'post': 'operator'}, '/api/v1/environments': {'get': 'viewer'}, '/api/v1/environments/{name}': {'get': 'viewer'},
             '/api/v1/environments/{name}/lock': {'post': 'operator'}, '/api/v1/environments/{name}/unlock': {'post': 'operator'},
             '/api/v1/releases': {'get': 'viewer'}, '/api/v1/drift': {'get': 'viewer'}, '/metrics': {'get': 'viewer'}, '/badge/{environment}.svg': {'get': 'viewer'},
             '/healthz': {'get': None}, '/readyz': {'get': None}, '/api/v1/openapi.json': {'get': None}, '/webhooks/github': {'post': 'signature'}}
    described = {(path, method) for path, methods in document['paths'].items() for method in methods}
    assert described == {(path, method) for path, methods in needs.items() for method in methods}
    may = {'viewer': {'viewer'}, 'approver': {'viewer', 'approver'}, 'operator': {'viewer', 'operator'}, 'admin': {'viewer', 'approver', 'operator', 'admin'}}
    for path, methods in needs.items():
        for method, role in methods.items():
            if role == 'signature':
                continue
            url = path.replace('{id}', '999').replace('{name}', 'nowhere').replace('{environment}', 'nowhere')
            body = {} if method == 'post' else None
            without, answer = idle.request(method.upper(), url, body)
            if role is None:
                assert without == 200, (path, answer)
                continue
            assert without == 401 and answer['code'] == 'not-authenticated', (path, answer)
            for token in may:
                status, answer = idle.request(method.upper(), url, body, token=token)
                if role in may[token]:
                    assert status not in (401, 403) and status < 500, (path, token, answer)
                else:
                    assert status == 403 and answer['code'] == 'not-permitted', (path, token, answer)


def test_a_token_ends_when_it_is_revoked_or_expires(idle):
    idle.start()
    assert idle.request('GET', '/api/v1/deployments', token='operator')[0] == 200
    idle.run('token', 'revoke', '-c', idle.config, 'operator')
    status, answer = idle.request('GET', '/api/v1/deployments', token='operator')
    assert status == 401 and answer['code'] == 'not-authenticated', answer
    assert idle.request('GET', '/api/v1/deployments', token='viewer')[0] == 200
    text = idle.run('token', 'create', '-c', idle.config, '--name', 'short', '--role', 'viewer', '--expires', time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() + 4))).stdout
    short = re.search(r'slc_\S+', text).group(0)
    assert idle.request('GET', '/api/v1/deployments', token=short)[0] == 200
    wait_until('its end', lambda: idle.request('GET', '/api/v1/deployments', token=short)[0] == 401)
    for wrong in ('slc_' + 'A' * 43, 'nonsense', ''):
        status, answer = idle.request('GET', '/api/v1/deployments', headers={'Authorization': 'Bearer ' + wrong})
        assert status == 401, answer
    listed = idle.run('token', 'list', '-c', idle.config).stdout
    for secret in idle.tokens.values():
        assert secret not in listed


def test_a_token_for_one_environment_sees_nothing_of_another(idle):
    text = idle.run('token', 'create', '-c', idle.config, '--name', 'elsewhere', '--role', 'admin', '--environment', 'staging').stdout
    elsewhere = re.search(r'slc_\S+', text).group(0)
    idle.start()
    status, made = idle.request('POST', '/api/v1/deployments', {'repository': 'ann/web', 'environment': 'prod', 'ref': 'main'}, token='operator')
    assert status == 201, made
    assert idle.request('GET', '/api/v1/deployments', token=elsewhere)[1]['items'] == []
    for method, path in (('GET', ''), ('GET', '/diff'), ('GET', '/events'), ('POST', '/approve'), ('POST', '/cancel'), ('POST', '/retry'), ('POST', '/rollback')):
        body = ({'digest': '0' * 64} if path == '/approve' else {}) if method == 'POST' else None
        status, answer = idle.request(method, '/api/v1/deployments/%s%s' % (made['id'], path), body, token=elsewhere)
        assert status == 404 and answer['code'] == 'not-found', (path, answer)
    assert idle.request('POST', '/api/v1/deployments', {'repository': 'ann/web', 'environment': 'prod', 'ref': 'main'}, token=elsewhere)[0] == 404
    assert idle.request('POST', '/api/v1/environments/prod/lock', {'reason': 'x'}, token=elsewhere)[0] == 404


# ---- pushes ----------------------------------------------------------------------------------------------------------

class Held:
    """Makes pushes wait: their pods want a label that no node has until `release`."""

    def __init__(self, app):
        self.app, self.label = app, 'held-' + uuid.uuid4().hex[:8]
        app.repository.write('chart/values.yaml', 'replicas: 1\ngreeting: hello\nimage: {tag: ""}\nnodeSelector: {%s: "yes"}\n' % self.label)

    def release(self):
        for node in self.app.cluster.get('/api/v1/nodes')['items']:
            self.app.cluster.patch('/api/v1/nodes/' + node['metadata']['name'], {'metadata': {'labels': {self.label: 'yes'}}})


def wait_until(what, true, seconds=30):
    deadline = time.time() + seconds
    while time.time() < deadline:
        if true():
            return
        time.sleep(0.05)
    raise AssertionError('not in %d s: %s' % (seconds, what))


def begin(app, message='held'):
    """Pushes and approves; returns when the Deployment is on the cluster and waits for its node."""
    number = app.push(message)
    assert app.approve(number)[0] == 200
    wait_until('the push has begun', lambda: app.cluster.exists('/apis/apps/v1/namespaces/%s/deployments/web' % app.namespace))
    return number


def test_sigterm_hands_a_running_push_back_and_the_next_start_finishes_it(app):
    held = Held(app)
    daemon = app.start()
    number = begin(app)
    generation = live(app)['metadata']['generation']
    began = time.time()
    assert daemon.stop() == 0
    assert time.time() - began < 35
    daemon.start()
    assert daemon.deployment(number)['state'] in ('interrupted', 'deploying', 'verifying'), daemon.deployment(number)
    held.release()
    daemon.wait_state(number, 'succeeded')
    assert live(app)['metadata']['generation'] == generation, 'it was not written again'
    secrets = app.cluster.get('/api/v1/namespaces/%s/secrets?labelSelector=owner%%3Dhelm' % app.namespace)['items']
    assert [(s['metadata']['labels']['version'], s['metadata']['labels']['status']) for s in secrets] == [('1', 'deployed')]


def test_cancel_stops_a_push_after_the_release_in_hand(app):
    held = Held(app)
    text = open(app.repository.work + '/helmfile.yaml.gotmpl').read()
    second = text[text.index('  - name: web'):].replace('name: web', 'name: after').replace('chart: ./chart', 'chart: ./chart\n    needs: [%s/web]' % app.namespace)
    app.repository.write('helmfile.yaml.gotmpl', text + second)
    daemon = app.start()
    number = begin(app)
    status, answer = daemon.request('POST', '/api/v1/deployments/%s/cancel' % number, {'comment': 'wrong day'}, token='operator')
    assert status == 200 and answer['stopping'] is True, answer
    one = daemon.deployment(number)
    assert one['cancel_requested'] and not one['final'], one
    held.release()
    wait_until('the end', lambda: daemon.deployment(number)['final'])
    one = daemon.deployment(number)
    assert one['state'] in ('failed', 'cancelled') and 'stopped after the release in hand' in one['reason'], one
    assert live(app)['metadata']['name'] == 'web'
    assert not app.cluster.exists('/apis/apps/v1/namespaces/%s/deployments/after' % app.namespace), 'the release after it was not begun'


def test_cancel_before_the_push_ends_it(app):
    daemon = app.start()
    number = app.push('first')
    digest = daemon.wait_state(number, 'awaiting_approval')['digest']
    assert daemon.request('POST', '/api/v1/deployments/%s/cancel' % number, {}, token='operator')[0] == 200
    assert daemon.deployment(number)['state'] == 'cancelled'
    status, answer = app.approve(number, digest)
    assert status == 409 and 'cancelled' in answer['message'], answer
    status, answer = daemon.request('POST', '/api/v1/deployments/%s/cancel' % number, {}, token='operator')
    assert status == 409, answer
    assert not app.cluster.exists('/api/v1/namespaces/' + app.namespace)


def test_two_environments_of_one_cluster_take_turns(app):
    held = Held(app)
    app.repository.write('helmfile.yaml.gotmpl', open(app.repository.work + '/helmfile.yaml.gotmpl').read()
                         .replace('environments: {prod: {}}', 'environments: {prod: {}, staging: {}}').replace('namespace: ' + app.namespace, 'namespace: %s{{ if eq .Environment.Name "staging" }}-s{{ end }}' % app.namespace))
    staging = '''  staging:
    cluster: test
    variables: {IMAGE_TAG: "sha-{{ .Commit.Short }}"}
'''
    daemon = app.start(extra_environment=staging)
    text = open(daemon.config).read()
    open(daemon.config, 'w').write(text.replace('environments: {prod: {on:', 'environments: {staging: {on: [{manual: {}}]}, prod: {on:'))
    daemon.process.send_signal(signal.SIGHUP)
    wait_until('the reload', lambda: 'configuration reloaded' in daemon.log_text())
    first = begin(app)
    status, made = daemon.request('POST', '/api/v1/deployments', {'repository': 'ann/web', 'environment': 'staging', 'ref': 'main'}, token='operator')
    assert status == 201, made
    second = made['id']
    assert app.approve(second)[0] == 200
    time.sleep(2)
    assert daemon.deployment(second)['state'] == 'approved', 'the first is still pushing'
    assert daemon.deployment(first)['state'] in ('deploying', 'verifying')
    held.release()
    daemon.wait_state(first, 'succeeded')
    daemon.wait_state(second, 'succeeded')
    assert daemon.deployment(second)['started'] >= daemon.deployment(first)['finished']


def test_retry_and_rollback_are_deployments_that_are_decided_on(app):
    daemon = app.start()
    first = app.deploy('first')
    image = live(app)['spec']['template']['spec']['containers'][0]['image']
    app.deploy('second')
    assert live(app)['spec']['template']['spec']['containers'][0]['image'] != image
    status, made = daemon.request('POST', '/api/v1/deployments/%s/rollback' % first['id'], {}, token='operator')
    assert status == 201, made
    back = daemon.wait_state(made['id'], 'awaiting_approval')
    assert back['commit'] == first['commit'] and back['origin'] == first['id'], back
    assert app.approve(made['id'])[0] == 200
    daemon.wait_state(made['id'], 'succeeded')
    assert live(app)['spec']['template']['spec']['containers'][0]['image'] == image
    status, again = daemon.request('POST', '/api/v1/deployments/%s/retry' % made['id'], {}, token='operator')
    assert status in (201, 409), again
    if status == 201:
        daemon.wait_state(again['id'], 'no_changes')
    app.last = again['id'] if status == 201 else made['id']
    # a rejected one may be tried again, and a waiting one has to be decided on first
    number = app.push('third')
    digest = daemon.wait_state(number, 'awaiting_approval')['digest']
    status, answer = daemon.request('POST', '/api/v1/deployments/%s/retry' % number, {}, token='operator')
    assert status == 409, answer
    assert daemon.request('POST', '/api/v1/deployments/%s/reject' % number, {'digest': digest, 'comment': 'not now'}, token='approver')[0] == 200
    status, made = daemon.request('POST', '/api/v1/deployments/%s/retry' % number, {}, token='operator')
    assert status == 201, made
    assert daemon.wait_state(made['id'], 'awaiting_approval')['commit'] == app.head


def test_a_locked_environment_takes_no_push_until_it_is_unlocked(app):
    daemon = app.start()
    number = app.push('first')
    digest = daemon.wait_state(number, 'awaiting_approval')['digest']
    assert daemon.request('POST', '/api/v1/environments/prod/lock', {}, token='operator')[0] == 400, 'a reason is asked for'
    assert daemon.request('POST', '/api/v1/environments/prod/lock', {'reason': 'the database moves'}, token='operator')[0] == 200
    status, answer = daemon.request('GET', '/api/v1/environments/prod', token='viewer')
    assert answer['lock']['reason'] == 'the database moves' and answer['lock']['by'] == 'operator', answer
    status, answer = app.approve(number, digest)
    if status == 200:
        time.sleep(2)
        assert daemon.deployment(number)['state'] == 'approved'
    else:
        assert status == 409 and 'the database moves' in answer['message'], answer
    assert not app.cluster.exists('/api/v1/namespaces/' + app.namespace)
    # the lock outlives a restart
    daemon.stop()
    daemon.start()
    assert not app.cluster.exists('/api/v1/namespaces/' + app.namespace)
    assert daemon.request('POST', '/api/v1/environments/prod/unlock', {}, token='operator')[0] == 200
    if status != 200:
        assert app.approve(number, digest)[0] == 200
    daemon.wait_state(number, 'succeeded')


def test_an_answer_is_given_again_after_a_restart(idle):
    idle.start()
    ask = lambda: idle.request('POST', '/api/v1/deployments', {'repository': 'ann/web', 'environment': 'prod', 'ref': 'main'}, {'Idempotency-Key': 'once'}, 'operator')
    status, first = ask()
    assert status in (201, 202), first
    idle.process.kill()
    idle.process.wait(10)
    idle.start()
    assert ask() == (status, first)
    assert len(idle.deployments()) == 1
    status, said = idle.request('POST', '/api/v1/deployments', {'repository': 'ann/web', 'environment': 'prod', 'ref': 'other'}, {'Idempotency-Key': 'once'}, 'operator')
    assert status == 409 and 'with another body' in said['detail'], said


def test_another_cluster_behind_a_known_name_is_refused(app):
    daemon = app.start()
    daemon.wait_state(app.push('first'), 'awaiting_approval')
    uid = app.cluster.get('/api/v1/namespaces/kube-system')['metadata']['uid']
    daemon.stop()
    database = sqlite3.connect(os.path.join(daemon.folder, 'data', 'sluice.db'))
    assert database.execute('SELECT uid FROM cluster_identities').fetchall() == [(uid,)]
    database.execute("UPDATE cluster_identities SET uid = 'another'")
    database.commit()
    database.close()
    daemon.start()
    app.repository.write('chart/values.yaml', 'replicas: 2\ngreeting: hello\nimage: {tag: ""}\n')
    failed = daemon.wait_state(app.push('second'), 'plan_failed')
    assert failed['code'] == 'cluster-identity' and uid in failed['reason'] and 'expected another' in failed['reason'], failed
