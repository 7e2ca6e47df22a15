"""kill -9 while a hook runs, and while an automatic rollback runs: each hook runs once, and records and cluster say what is true."""
import base64, gzip, json, os, time, uuid

import pytest

from conftest import push_payload

PROGRAM = os.environ.get('SLUICE_WITH_FAILPOINTS', os.environ.get('SLUICE'))

HELMFILE = '''
environments: {prod: {}}
---
helmDefaults: {wait: true, timeout: %(timeout)d, atomic: %(atomic)s}
releases:
  - {name: web, namespace: %(namespace)s, chart: ./chart}
'''
HOOK = '''
apiVersion: batch/v1
kind: Job
metadata:
  name: %(name)s
  annotations: {helm.sh/hook: "%(events)s"%(policy)s}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers: [{name: hook, image: "registry.example/hook:{{ .Values.tag }}"}]
'''
WEB = '''
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {tag: {{ .Values.tag | quote }}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      {{- with .Values.node }}
      nodeSelector: {name: {{ . }}}
      {{- end }}
      containers: [{name: web, image: "registry.example/web:{{ .Values.tag }}"}]
'''


class Case:
    def __init__(self, daemon, repository, cluster, namespace):
        self.daemon, self.repository, self.cluster, self.namespace, self.last = daemon, repository, cluster, namespace, 0

    def values(self, tag, node=''):
        self.repository.write('chart/values.yaml', json.dumps({'tag': tag, 'node': node}))

    def approve_next(self, message):
        """Pushes a commit and approves its plan; the daemon may die on the way."""
        sha = self.repository.push(message)
        assert self.daemon.deliver('push', push_payload(self.repository.name, '0' * 40, sha))[0] == 202
        self.last = self.daemon.wait_new(self.last)
        digest = self.daemon.wait_state(self.last, 'awaiting_approval')['digest']
        try:
            self.daemon.request('POST', '/api/v1/deployments/%s/approve' % self.last, {'digest': digest}, token='approver')
        except OSError:
            pass

    def settled_deploy(self, message):
        self.approve_next(message)
        return self.daemon.wait_state(self.last, 'succeeded')

    def die(self, seconds=40):
        self.daemon.process.wait(seconds)

    def records(self):
        """(revision, status, description) of the release, oldest first."""
        found = []
        for secret in self.cluster.get('/api/v1/namespaces/%s/secrets?labelSelector=owner%%3Dhelm' % self.namespace)['items'] or []:
            record = json.loads(gzip.decompress(base64.b64decode(base64.b64decode(secret['data']['release']))))
            assert record['info']['status'] == secret['metadata']['labels']['status']
            found.append((record['version'], record['info']['status'], record['info']['description']))
        return sorted(found)

    def runs(self, job):
        """How many Jobs of that name there have been: one event of its controller for each."""
        events = self.cluster.get('/api/v1/namespaces/%s/events' % self.namespace)['items'] or []
        return len({e['involvedObject']['uid'] for e in events if e['involvedObject']['kind'] == 'Job' and e['involvedObject']['name'] == job and e['reason'] == 'SuccessfulCreate'})

    def exists(self, kind, name, group='api/v1'):
        return self.cluster.exists('/%s/namespaces/%s/%s/%s' % (group, self.namespace, kind, name))

    def log(self):
        return str(self.daemon.request('GET', '/api/v1/deployments/%s/events' % self.last, headers={'Accept': 'application/json'}, token='viewer')[1])


@pytest.fixture
def case(cluster, repository, make_daemon):
    def make(hooks=(), atomic=False, timeout=60):
        namespace = 'die-' + uuid.uuid4().hex[:8]
        repository.write('helmfile.yaml', HELMFILE % {'namespace': namespace, 'timeout': timeout, 'atomic': str(atomic).lower()})
        repository.write('chart/Chart.yaml', 'apiVersion: v2\nname: web\nversion: 0.1.0\n')
        repository.write('chart/templates/web.yaml', WEB)
        for name, events, policy in hooks:
            repository.write('chart/templates/%s.yaml' % name, HOOK % {'name': name, 'events': events, 'policy': ', helm.sh/hook-delete-policy: "%s"' % policy if policy else ''})
        one = Case(make_daemon(repository, cluster, program=PROGRAM), repository, cluster, namespace)
        one.values('1')
        return one
    return make


HOOKS = [('before', 'pre-install,pre-upgrade', ''), ('swept', 'pre-install,pre-upgrade', 'hook-succeeded'), ('after', 'post-install,post-upgrade', 'before-hook-creation,hook-succeeded')]


@pytest.mark.parametrize('instant', [
    'deploy.hook_created=count:1,kill', 'deploy.hook_created=count:2,kill', 'deploy.hook_created=count:3,kill',
    'deploy.hook_wait=count:1,kill', 'deploy.hook_wait=count:3,kill', 'deploy.hook_wait=count:6,kill',
    'deploy.after_object=count:1,kill', 'deploy.after_object=count:5,kill', 'deploy.before_object=count:2,kill', 'deploy.before_object=count:7,kill',
    'deploy.journaled=count:4,kill', 'deploy.before_finish=count:1,kill', 'deploy.after_finish=count:1,kill'])
def test_every_hook_runs_once_however_the_push_is_cut_off(case, instant):
    one = case(HOOKS)
    one.daemon.start(SLUICE_FAILPOINT=instant)
    one.approve_next('first')
    one.die()
    one.daemon.start()
    done = one.daemon.wait_state(one.last, 'succeeded')
    assert {name: one.runs(name) for name, _, _ in HOOKS} == {'before': 1, 'swept': 1, 'after': 1}, (instant, one.log())
    assert one.records() == [(1, 'deployed', 'Install complete')]
    assert one.exists('jobs', 'before', 'apis/batch/v1') and not one.exists('jobs', 'swept', 'apis/batch/v1')
    assert one.cluster.get('/api/v1/namespaces/%s/configmaps/web' % one.namespace)['data']['tag'] == '1', done


def test_a_hook_object_is_what_the_chart_says_and_nothing_more(case):
    one = case(HOOKS)
    one.daemon.start()
    one.settled_deploy('first')
    metadata = one.cluster.get('/apis/batch/v1/namespaces/%s/jobs/before' % one.namespace)['metadata']
    assert metadata['annotations'] == {'helm.sh/hook': 'pre-install,pre-upgrade'}
    # those of its pods are copied to a Job without labels of its own
    assert not [label for label in metadata.get('labels', {}) if 'sluice' in label or 'helm' in label], metadata['labels']


def test_the_hook_of_a_later_revision_is_not_taken_for_an_earlier_one(case):
    one = case(HOOKS)
    one.daemon.start()
    one.settled_deploy('first')
    one.daemon.stop()
    one.values('2')
    one.daemon.start(SLUICE_FAILPOINT='deploy.hook_wait=count:1,kill')
    one.approve_next('second')
    one.die()
    one.daemon.start()
    one.daemon.wait_state(one.last, 'succeeded')
    assert {name: one.runs(name) for name, _, _ in HOOKS} == {'before': 2, 'swept': 2, 'after': 2}
    assert one.records() == [(1, 'superseded', 'Install complete'), (2, 'deployed', 'Upgrade complete')]
    live = one.cluster.get('/apis/batch/v1/namespaces/%s/jobs/before' % one.namespace)
    assert live['spec']['template']['spec']['containers'][0]['image'] == 'registry.example/hook:2'


@pytest.mark.parametrize('instant', [
    'rollback.begin=count:1,kill', 'deploy.before_object=count:3,kill', 'deploy.before_object=count:4,kill', 'deploy.after_object=count:3,kill',
    'deploy.after_object=count:4,kill', 'deploy.journaled=count:3,kill', 'deploy.ready_poll=count:2,kill', 'deploy.before_finish=count:1,kill', 'deploy.after_finish=count:1,kill'])
def test_an_automatic_rollback_that_is_cut_off_is_finished(case, instant):
    one = case(atomic=True)
    one.daemon.start()
    one.settled_deploy('first')
    one.daemon.stop()
    one.repository.write('helmfile.yaml', HELMFILE % {'namespace': one.namespace, 'timeout': 3, 'atomic': 'true'})
    one.values('2', node='nowhere')
    one.daemon.start(SLUICE_FAILPOINT=instant)
    one.approve_next('second')
    one.die()
    one.daemon.start()
    began = time.time()
    done = one.daemon.wait_state(one.last, 'rolled_back')
    assert time.time() - began < 60
    assert 'release web failed, and has been rolled back due to atomic being set: not-ready: waited 3 s: Deployment %s/web' % one.namespace in done['reason'], done['reason']
    records = one.records()
    assert [(revision, status) for revision, status, _ in records] == [(1, 'superseded'), (2, 'failed'), (3, 'deployed')], (instant, records)
    assert records[1][2].startswith('Upgrade "web" failed: not-ready: waited 3 s') and records[2][2] == 'Rollback to 1', records
    assert one.cluster.get('/api/v1/namespaces/%s/configmaps/web' % one.namespace)['data']['tag'] == '1'
    assert 'nodeSelector' not in one.cluster.get('/apis/apps/v1/namespaces/%s/deployments/web' % one.namespace)['spec']['template']['spec']
    assert 'nowhere' in one.log() or 'Unschedulable' in one.log(), 'the evidence was kept before anything was undone'


@pytest.mark.parametrize('instant', ['rollback.begin=count:1,kill', 'deploy.before_object=count:4,kill', 'deploy.after_object=count:4,kill', 'deploy.after_object=count:5,kill',
                                     'deploy.journaled=count:5,kill'])
def test_an_atomic_install_that_is_cut_off_while_it_is_taken_away_is_not_made_again(case, instant):
    one = case(atomic=True, timeout=3)
    one.values('1', node='nowhere')
    one.daemon.start(SLUICE_FAILPOINT=instant)
    one.approve_next('first')
    one.die()
    one.daemon.start()
    done = one.daemon.wait_state(one.last, 'rolled_back')
    assert 'release web failed, and has been uninstalled due to atomic being set' in done['reason'], done['reason']
    assert one.records() == []
    assert not one.exists('configmaps', 'web') and not one.exists('deployments', 'web', 'apis/apps/v1')
