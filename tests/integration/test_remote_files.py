"""Files that a helmfile names at other addresses: read by the daemon where its configuration lists them, and from then on part of the plan."""
import os

import pytest

from conftest import Repository, push_payload

HELMFILE = '''
environments: {prod: {}}
---
releases:
  - {name: web, namespace: %s, chart: "git::file://%s@chart?ref=v1", values: ["git::file://%s@values/%s?ref=v1"]}
'''
CONFIG_MAP = '''apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {greeting: {{ .Values.greeting | quote }}}
'''


@pytest.fixture
def far(tmp_path):
    os.mkdir(tmp_path / 'far')
    far = Repository(str(tmp_path / 'far'), 'ann/shared')
    far.write('values/web.yaml', 'greeting: from afar\n')
    far.write('chart/Chart.yaml', 'apiVersion: v2\nname: web\nversion: 0.1.0\n')
    far.write('chart/templates/config.yaml', CONFIG_MAP)
    far.sha = far.push('shared')
    far.git('tag', 'v1')
    far.git('push', '-q', 'origin', 'v1')
    return far


def planned(repository, cluster, make_daemon, far, state, listed, file='web.yaml'):
    namespace = 'remote-files'
    repository.write('helmfile.yaml', HELMFILE % (namespace, far.bare, far.bare, file))
    daemon = make_daemon(repository, cluster, extra='remote_sources: [%s]' % listed)
    daemon.start()
    daemon.deliver('push', push_payload(repository.name, '0' * 40, repository.push('a commit')))
    return daemon, daemon.wait_state(daemon.wait_new(0), state)


def test_what_is_listed_is_read_at_a_commit_that_is_told(repository, cluster, make_daemon, far):
    daemon, one = planned(repository, cluster, make_daemon, far, 'awaiting_approval', '"file://%s"' % far.bare)
    status, answer = daemon.request('POST', '/api/v1/deployments/%s/approve' % one['id'], {'digest': one['digest']}, token='approver')
    assert status == 200, answer
    daemon.wait_state(one['id'], 'succeeded')
    assert cluster.get('/api/v1/namespaces/remote-files/configmaps/web')['data'] == {'greeting': 'from afar'}
    log = daemon.run('log', str(one['id']), SLUICE_URL='http://127.0.0.1:%d' % daemon.port, SLUICE_TOKEN=daemon.tokens['viewer']).stdout
    assert 'read file://%s at %s' % (far.bare, far.sha[:12]) in log, log


def test_what_is_not_listed_is_refused(repository, cluster, make_daemon, far):
    daemon, one = planned(repository, cluster, make_daemon, far, 'plan_failed', '"https://example.org/"')
    assert 'charts from git are not allowed here' in one['reason'], one['reason']
    repository.write('helmfile.yaml', 'bases: ["git::file://%s@values/web.yaml?ref=v1"]\n' % far.bare)
    daemon.deliver('push', push_payload(repository.name, '0' * 40, repository.push('another')))
    one = daemon.wait_state(daemon.wait_new(one['id']), 'plan_failed')
    assert one['reason'] == (
        'in helmfile.yaml: base of helmfile.yaml: "git::file://%s@values/web.yaml": remote-denied: it is not among the addresses that may be read: '
        "list it in remote_sources of the server's configuration" % far.bare)


def test_a_schema_elsewhere_is_read_only_where_it_is_listed(repository, cluster, make_daemon):
    repository.write('web/Chart.yaml', 'apiVersion: v2\nname: web\nversion: 0.1.0\n')
    repository.write('web/templates/config.yaml', CONFIG_MAP)
    repository.write('web/values.schema.json', '{"properties": {"greeting": {"$ref": "https://127.0.0.1:9/defs.json"}}}')
    repository.write('helmfile.yaml', 'environments: {prod: {}}\n---\nreleases: [{name: web, namespace: remote-files, chart: ./web, values: [{greeting: hi}]}]\n')
    daemon = make_daemon(repository, cluster, extra='remote_sources: ["https://example.org/"]')
    daemon.start()
    daemon.deliver('push', push_payload(repository.name, '0' * 40, repository.push('a commit')))
    one = daemon.wait_state(daemon.wait_new(0), 'plan_failed')
    assert one['reason'].endswith(
        'web:\n"https://127.0.0.1:9/defs.json": remote-denied: it is not among the addresses that may be read: '
        "list it in remote_sources of the server's configuration"), one['reason']
