"""kill -9 at every instant of the flow: what was acknowledged is there, what was approved is pushed once, every state comes true.

SLUICE_KILLS   how many kills (default 100)
SLUICE_SEED    repeats a run; every run prints its own
"""
import json, os, random, sqlite3, time, uuid

import pytest

from conftest import push_payload

PROGRAM = os.environ.get('SLUICE_WITH_FAILPOINTS', os.environ.get('SLUICE'))
KILLS = int(os.environ.get('SLUICE_KILLS', '100'))
FAILPOINTS = '''
intake.body_read intake.hmac_ok intake.before_ack intake.after_ack store.before_begin store.after_insert store.before_commit store.after_commit
queue.claimed git.started git.fetched render.spawned render.done plan.sealed plan.before_commit plan.after_commit plan.announced approve.received
approve.before_commit approve.after_commit approve.before_reply deploy.lease deploy.digest_ok deploy.before_object deploy.after_object deploy.journaled
deploy.ready_poll deploy.before_finish deploy.after_finish checkpoint.before checkpoint.after startup.recover
'''.split()
UNSETTLED = ('received', 'planning', 'approved', 'deploying', 'verifying', 'interrupted', 'waiting_for_image')

HELMFILE = '''
environments: {prod: {}}
---
helmDefaults: {wait: true, timeout: 30}
releases:
  - {name: a, namespace: %(namespace)s, chart: ./chart, values: [{tag: {{ requiredEnv "IMAGE_TAG" | quote }}}]}
  - {name: b, namespace: %(namespace)s, chart: ./chart, needs: [%(namespace)s/a], values: [{tag: {{ requiredEnv "IMAGE_TAG" | quote }}}]}
'''
TEMPLATE = '''
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}}
data: {tag: {{ .Values.tag | quote }}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}}
spec:
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec: {containers: [{name: web, image: "registry.example/web:{{ .Values.tag }}"}]}
'''


class Flow:
    def __init__(self, daemon, repository, cluster, namespace):
        self.daemon, self.repository, self.cluster, self.namespace = daemon, repository, cluster, namespace
        self.acknowledged = set()

    def deliver(self, sha):
        guid = str(uuid.uuid4())
        status, _ = self.daemon.deliver('push', push_payload(self.repository.name, '0' * 40, sha), guid=guid)
        if status in (200, 202):
            self.acknowledged.add(guid)
        return status

    def of_commit(self, sha):
        return [d for d in self.daemon.deployments() if d['commit'] == sha]

    def drive(self, sha, deadline):
        """Delivers, approves, waits; gives up quietly when the daemon dies under it."""
        try:
            self.deliver(sha)
            while time.time() < deadline and self.daemon.process.poll() is None:
                for one in self.of_commit(sha):
                    if one['state'] == 'awaiting_approval':
                        self.daemon.request('POST', '/api/v1/deployments/%s/approve' % one['id'], {'digest': one['digest']}, token='approver')
                    if one['final']:
                        return
                time.sleep(0.03)
        except (OSError, AssertionError, ValueError):
            pass

    def settle(self, sha):
        """After the restart: brings the commit to its end and returns its deployment."""
        deadline = time.time() + 60
        assert self.deliver(sha) in (200, 202)
        while time.time() < deadline:
            found = self.of_commit(sha)
            assert len(found) <= 1, 'one commit, one deployment: %s' % json.dumps(found)
            if found and found[0]['state'] == 'awaiting_approval':
                status, answer = self.daemon.request('POST', '/api/v1/deployments/%s/approve' % found[0]['id'], {'digest': found[0]['digest']}, token='approver')
                assert status in (200, 409), answer
            if found and found[0]['final']:
                return found[0]
            time.sleep(0.05)
        raise AssertionError('no true state after 60 s: %s\n%s' % (json.dumps(found), self.daemon.log_text()[-4000:]))

    def check(self, sha, one):
        assert one['state'] == 'succeeded', '%s: %s\n%s' % (one['state'], one['reason'], self.daemon.log_text()[-4000:])
        database = sqlite3.connect('file:%s/data/%s?mode=ro' % (self.daemon.folder, self.database_name()), uri=True)
        try:
            stored = {row[0] for row in database.execute('SELECT guid FROM deliveries')}
            assert self.acknowledged <= stored, 'acknowledged and not stored: %s' % (self.acknowledged - stored)
            assert database.execute('PRAGMA integrity_check').fetchone()[0] == 'ok'
            assert not database.execute('PRAGMA foreign_key_check').fetchall()
        finally:
            database.close()
        for name in 'ab':
            live = self.cluster.get('/api/v1/namespaces/%s/configmaps/%s' % (self.namespace, name))
            assert live['data']['tag'] == 'sha-' + sha[:7]

    def database_name(self):
        return next(name for name in os.listdir(self.daemon.folder + '/data') if name.endswith('.db'))

    def revisions(self, name):
        secrets = self.cluster.get('/api/v1/namespaces/%s/secrets?labelSelector=owner%%3Dhelm,name%%3D%s' % (self.namespace, name))['items'] or []
        return sorted((int(s['metadata']['labels']['version']), s['metadata']['labels']['status']) for s in secrets)


def test_a_crash_at_any_instant_loses_nothing_and_repeats_nothing(cluster, repository, make_daemon):
    seed = int(os.environ.get('SLUICE_SEED', str(random.randrange(10**9))))
    print('SLUICE_SEED=%d' % seed)
    choose = random.Random(seed)
    namespace = 'kill-' + uuid.uuid4().hex[:8]
    repository.write('helmfile.yaml.gotmpl', HELMFILE % {'namespace': namespace})
    repository.write('chart/Chart.yaml', 'apiVersion: v2\nname: web\nversion: 0.1.0\n')
    repository.write('chart/templates/web.yaml', TEMPLATE)
    daemon = make_daemon(repository, cluster, helmfile='helmfile.yaml.gotmpl', variables='IMAGE_TAG: "sha-{{ .Commit.Short }}"', program=PROGRAM)
    flow = Flow(daemon, repository, cluster, namespace)
    died_at = {}
    for round_number in range(KILLS):
        point = choose.choice(FAILPOINTS + ['random'] * 8)
        planted = {} if point == 'random' else {'SLUICE_FAILPOINT': '%s=count:%d,kill' % (point, choose.choice((1, 1, 2, 3)))}
        sha = repository.push('round %d' % round_number)
        try:
            daemon.start(**planted)
        except AssertionError:
            pass  # it died while starting
        instant = time.time() + (choose.uniform(0.0, 2.5) if point == 'random' else 4.0)
        flow.drive(sha, instant)
        died = daemon.process.poll() is not None
        if not died:
            daemon.kill()
        died_at[point] = died_at.get(point, 0) + (1 if died or point == 'random' else 0)
        daemon.start()
        where = 'round %d, %s' % (round_number, point)
        one = flow.settle(sha)
        try:
            flow.check(sha, one)
        except AssertionError as failure:
            raise AssertionError(where + ': ' + str(failure))
        verdict = daemon.run('audit', 'verify', '-c', daemon.config, check=False)
        assert verdict.returncode == 0, where + verdict.stdout + verdict.stderr
        daemon.kill()
    # one revision a commit: the push of an approved plan happened once, however often it was cut off
    for name in 'ab':
        newest = flow.revisions(name)[-1]
        assert newest == (KILLS, 'deployed'), (name, flow.revisions(name))
    print('kills by place: %s' % json.dumps(died_at, sort_keys=True))
