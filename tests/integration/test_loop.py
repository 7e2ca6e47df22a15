"""The loop of push, plan, approval and deployment on a real API server, with a repository of its own."""
import base64, glob, json, os, time, uuid

import pytest

from conftest import push_payload

HELMFILE = '''
environments: {prod: {}}
---
helmDefaults: {wait: true, timeout: 60}
releases:
  - name: web
    namespace: %(namespace)s
    chart: ./chart
    values:
      - image: {tag: {{ requiredEnv "IMAGE_TAG" | quote }}}
        password: {{ env "PASSWORD" | default "none" | quote }}
'''
DEPLOYMENT = '''
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec:
      {{- with .Values.nodeSelector }}
      nodeSelector: {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - {name: web, image: "registry.example/web:{{ .Values.image.tag }}"}
'''
SECRET = '''
apiVersion: v1
kind: Secret
metadata: {name: {{ .Release.Name }}}
data: {password: {{ .Values.password | b64enc | quote }}}
'''
CONFIG = '''
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}}
data: {greeting: {{ .Values.greeting | quote }}}
'''


@pytest.fixture
def app(cluster, repository, make_daemon):
    """A daemon with a repository that deploys one chart into a namespace of its own."""
    namespace = 'loop-' + uuid.uuid4().hex[:8]
    repository.write('helmfile.yaml.gotmpl', HELMFILE % {'namespace': namespace})
    repository.write('chart/Chart.yaml', 'apiVersion: v2\nname: web\nversion: 0.1.0\n')
    repository.write('chart/values.yaml', 'replicas: 1\ngreeting: hello\nimage: {tag: ""}\n')
    for name, text in (('deployment', DEPLOYMENT), ('secret', SECRET), ('config', CONFIG)):
        repository.write('chart/templates/%s.yaml' % name, text)

    class App:
        pass
    app = App()
    app.namespace, app.repository, app.cluster, app.last = namespace, repository, cluster, 0

    def start(credentials={}, **kwargs):
        app.daemon = make_daemon(repository, cluster, helmfile='helmfile.yaml.gotmpl', variables='IMAGE_TAG: "sha-{{ .Commit.Short }}"', **kwargs)
        for name, text in credentials.items():
            app.daemon.credential(name, text)
        app.daemon.start()
        return app.daemon

    def push(message='change'):
        app.head = repository.push(message)
        status, answer = app.daemon.deliver('push', push_payload(repository.name, '0' * 40, app.head))
        assert status == 202, answer
        app.last = app.daemon.wait_new(app.last)
        return app.last

    def approve(number, digest=None, token='approver'):
        digest = digest or app.daemon.wait_state(number, 'awaiting_approval')['digest']
        return app.daemon.request('POST', '/api/v1/deployments/%s/approve' % number, {'digest': digest}, token=token)

    def deploy(message='change'):
        number = push(message)
        status, answer = approve(number)
        assert status == 200, answer
        return app.daemon.wait_state(number, 'succeeded')

    app.start, app.push, app.approve, app.deploy = start, push, approve, deploy
    return app


def live(app, kind='deployments', name='web', group='apis/apps/v1'):
    return app.cluster.get('/%s/namespaces/%s/%s/%s' % (group, app.namespace, kind, name))


def test_an_approved_push_is_what_the_cluster_gets(app):
    app.start()
    number = app.push('first')
    waiting = app.daemon.wait_state(number, 'awaiting_approval')
    assert not app.cluster.exists('/api/v1/namespaces/' + app.namespace), 'nothing is written before the approval'
    assert app.approve(number, waiting['digest'])[0] == 200
    app.daemon.wait_state(number, 'succeeded')
    assert live(app)['spec']['template']['spec']['containers'][0]['image'] == 'registry.example/web:sha-' + app.head[:7]
    assert live(app)['status']['availableReplicas'] == 1


def test_only_what_changed_is_touched(app):
    app.start()
    app.deploy('first')
    before = live(app)['metadata']['generation'], live(app, 'configmaps', group='api/v1')['metadata']['resourceVersion']
    app.deploy('second')
    assert live(app)['metadata']['generation'] == before[0] + 1
    assert live(app, 'configmaps', group='api/v1')['metadata']['resourceVersion'] == before[1]


def test_what_left_the_manifest_leaves_the_cluster(app):
    app.start()
    app.deploy('first')
    app.repository.git('rm', '-q', 'chart/templates/config.yaml')
    app.deploy('without')
    assert not app.cluster.exists('/api/v1/namespaces/%s/configmaps/web' % app.namespace)


def test_nothing_to_do_bothers_nobody(app):
    app.start()
    app.deploy('first')
    status, made = app.daemon.request('POST', '/api/v1/deployments', {'repository': app.repository.name, 'environment': 'prod', 'ref': 'main'}, token='operator')
    assert status in (201, 202), made
    number = app.daemon.wait_new(app.last)
    assert app.daemon.wait_state(number, 'no_changes')['state'] == 'no_changes'


def test_a_digest_approves_its_own_plan_once(app):
    app.start()
    number = app.push('first')
    digest = app.daemon.wait_state(number, 'awaiting_approval')['digest']
    status, answer = app.approve(number, '0' * 64)
    assert status == 409 and answer['code'] == 'plan-digest-mismatch', answer
    assert app.approve(number, digest)[0] == 200
    assert app.approve(number, digest)[0] == 409
    app.daemon.wait_state(number, 'succeeded')
    assert app.approve(number, digest)[0] == 409


def test_a_rejected_plan_is_never_pushed(app):
    app.start()
    number = app.push('first')
    digest = app.daemon.wait_state(number, 'awaiting_approval')['digest']
    status, answer = app.daemon.request('POST', '/api/v1/deployments/%s/reject' % number, {'digest': digest, 'comment': 'no'}, token='approver')
    assert status == 200, answer
    assert app.daemon.deployment(number)['state'] == 'rejected'
    assert app.approve(number, digest)[0] == 409
    assert not app.cluster.exists('/api/v1/namespaces/' + app.namespace)


def test_a_newer_push_supersedes_a_waiting_plan(app):
    app.start()
    first = app.push('first')
    app.daemon.wait_state(first, 'awaiting_approval')
    second = app.push('second')
    app.daemon.wait_state(second, 'awaiting_approval')
    assert app.daemon.deployment(first)['state'] == 'superseded'


def test_an_older_push_that_comes_late_never_replaces_a_newer_one(app):
    app.start()
    first = app.repository.push('first')
    second = app.repository.push('second')
    assert app.daemon.deliver('push', push_payload(app.repository.name, first, second))[0] == 202
    newer = app.daemon.wait_new(0)
    app.daemon.wait_state(newer, 'awaiting_approval')
    assert app.daemon.deliver('push', push_payload(app.repository.name, '0' * 40, first))[0] == 202
    late = app.daemon.wait_new(newer)
    assert app.daemon.wait_state(late, 'superseded')['state'] == 'superseded'
    assert app.daemon.deployment(newer)['state'] == 'awaiting_approval'


def test_live_objects_that_moved_after_the_diff_make_a_new_plan(app):
    app.start()
    app.deploy('first')
    app.repository.write('chart/values.yaml', 'replicas: 2\ngreeting: hello\nimage: {tag: ""}\n')
    number = app.push('two replicas')
    digest = app.daemon.wait_state(number, 'awaiting_approval')['digest']
    app.cluster.patch('/apis/apps/v1/namespaces/%s/deployments/web' % app.namespace, {'spec': {'replicas': 5}})
    assert app.approve(number, digest)[0] == 200
    deadline = time.time() + 30
    while time.time() < deadline:
        one = app.daemon.deployment(number)
        if one['state'] == 'awaiting_approval' and one['digest'] != digest:
            break
        time.sleep(0.1)
    else:
        raise AssertionError(json.dumps(one, indent=1))
    assert live(app)['spec']['replicas'] == 5, 'nothing was pushed on the strength of the old diff'
    assert app.approve(number)[0] == 200
    app.daemon.wait_state(number, 'succeeded')
    assert live(app)['spec']['replicas'] == 2


def test_a_rollout_that_never_gets_ready_says_why(app):
    app.start()
    app.deploy('first')
    app.repository.write('helmfile.yaml.gotmpl', (HELMFILE % {'namespace': app.namespace}).replace('timeout: 60', 'timeout: 5'))
    app.repository.write('chart/values.yaml', 'replicas: 1\ngreeting: hello\nimage: {tag: ""}\nnodeSelector: {nowhere: "true"}\n')
    number = app.push('unschedulable')
    assert app.approve(number)[0] == 200
    done = app.daemon.wait_state(number, 'failed')
    assert 'web' in done['reason'] and ('Unschedulable' in done['reason'] or 'ready' in done['reason']), done['reason']


def test_a_secret_value_is_seen_nowhere(app):
    canary = 'canary-' + uuid.uuid4().hex
    daemon = app.start(extra_environment='    secrets: {PASSWORD: {credential: password}}', credentials={'password': canary})
    number = app.push('first')
    waiting = daemon.wait_state(number, 'awaiting_approval')
    texts = [json.dumps(waiting)]
    for accept in ('text/plain', 'application/json'):
        texts.append(str(daemon.request('GET', '/api/v1/deployments/%s/diff' % number, headers={'Accept': accept}, token='viewer')[1]))
    assert app.approve(number)[0] == 200
    daemon.wait_state(number, 'succeeded')
    texts.append(str(daemon.request('GET', '/api/v1/deployments/%s/events' % number, headers={'Accept': 'application/json'}, token='viewer')[1]))
    texts.append(daemon.log_text())
    for path in glob.glob(os.path.join(daemon.folder, 'data', '**'), recursive=True):
        if os.path.isfile(path):
            texts.append(open(path, 'rb').read().decode('latin-1'))
    encoded = base64.b64encode(canary.encode()).decode()
    for text in texts:
        assert canary not in text and encoded not in text and canary.encode().hex() not in text
    assert live(app, 'secrets', group='api/v1')['data']['password'] == encoded, 'the cluster got the real value'

