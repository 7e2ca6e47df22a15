"""Secrets that sops has encrypted, with a stand-in for sops: by the daemon only where its configuration allows the program."""
import base64, os

import pytest

from conftest import ROOT, Repository, push_payload

SOPS = os.path.join(ROOT, 'tests/golden/helmfile/bin/sops')
HELMFILE = '''
environments: {prod: {secrets: [secrets/prod.yaml]}}
---
releases:
  - name: web
    namespace: %s
    chart: ./chart
    secrets: [secrets/prod.yaml]
    values: [{fromReference: "ref+sops://secrets/prod.yaml#/password"}]
'''
ENCRYPTED = 'password: ENC[%s]\nsops:\n    mac: ENC[AES256_GCM,data:bWFj,type:str]\n' % base64.b64encode(b'hunter2').decode()
CONFIG_MAP = '''apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {password: {{ .Values.password | quote }}, reference: {{ .Values.fromReference | quote }}}
'''
RULE = '["%s", "--decrypt", "--input-type", "yaml", "--output-type", "yaml", "/dev/stdin"]' % SOPS


@pytest.fixture
def loop(cluster, repository, make_daemon, request):
    namespace = request.node.name.removeprefix('test_').replace('_', '-')[:40]
    repository.write('helmfile.yaml', HELMFILE % namespace)
    repository.write('secrets/prod.yaml', ENCRYPTED)
    repository.write('chart/Chart.yaml', 'apiVersion: v2\nname: web\nversion: 0.1.0\n')
    repository.write('chart/templates/config.yaml', CONFIG_MAP)

    def planned(state, key='AGE-SECRET-KEY-1', **settings):
        daemon = make_daemon(repository, cluster, **settings)
        daemon.credential('age.key', key)
        daemon.start()
        sha = repository.push('a commit')
        daemon.deliver('push', push_payload(repository.name, '0' * 40, sha))
        number = daemon.wait_new(0)
        return daemon, daemon.wait_state(number, state)
    planned.namespace, planned.cluster = namespace, cluster
    return planned


def settings(tmp_path, rule=RULE):
    return {'extra_environment': '    exec: {allow: [%s]}' % rule,
            'variables': 'SOPS_AGE_KEY_FILE: %s/daemon0/credentials/age.key' % tmp_path}


def test_secrets_are_decrypted_where_sops_is_allowed(loop, tmp_path):
    daemon, one = loop('awaiting_approval', **settings(tmp_path))
    status, answer = daemon.request('POST', '/api/v1/deployments/%s/approve' % one['id'], {'digest': one['digest']}, token='approver')
    assert status == 200, answer
    daemon.wait_state(one['id'], 'succeeded')
    data = loop.cluster.get('/api/v1/namespaces/%s/configmaps/web' % loop.namespace)['data']
    assert data == {'password': 'hunter2', 'reference': 'hunter2'}
    diff = daemon.request('GET', '/api/v1/deployments/%s/diff' % one['id'], token='viewer')[1]
    assert 'password' in str(diff) and 'hunter2' not in str(diff)
    log = daemon.log_text() + str(daemon.request('GET', '/api/v1/deployments/%s/log' % one['id'], token='viewer'))
    assert 'hunter2' not in log
    daemon.stop()
    for name in os.listdir(daemon.folder + '/data'):
        if os.path.isfile(daemon.folder + '/data/' + name):
            assert b'hunter2' not in open(daemon.folder + '/data/' + name, 'rb').read(), name


def test_secrets_are_refused_where_sops_is_not_allowed(loop, tmp_path):
    daemon, one = loop('plan_failed', **settings(tmp_path, '["/bin/true"]'))
    assert one['reason'] == (
        'in helmfile.yaml: failed to load environment secrets file "secrets/prod.yaml": exec-denied: "secrets/prod.yaml" is encrypted, and sops may not be '
        'run: list ["/usr/bin/sops", "--decrypt", "--input-type", "yaml", "--output-type", "yaml", "/dev/stdin"] (with the path that sops has there) in '
        "exec.allow of the environment's configuration")


def test_what_sops_says_is_told(loop, tmp_path):
    daemon, one = loop('plan_failed', key='nothing of use', **settings(tmp_path))
    assert one['reason'].endswith('decrypting "secrets/prod.yaml": sops exited with status 128: Failed to get the data key required to decrypt the SOPS file.')


def test_a_deployment_of_another_repository_does_not_make_secrets_forgotten(repository, cluster, make_daemon, tmp_path):
    os.mkdir(tmp_path / 'other')
    other = Repository(str(tmp_path / 'other'), 'ann/other')
    chart = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata:\n  kept: here\n'
    for each, values in (repository, '[{password: {{ requiredEnv "PASSWORD" | quote }}}]'), (other, '[]'):
        namespace = each.name.replace('/', '-')
        each.write('web/Chart.yaml', 'apiVersion: v2\nname: web\nversion: 0.1.0\n')
        each.write('web/templates/all.yaml', chart)
        each.write('helmfile.yaml.gotmpl', 'environments: {prod: {}}\n---\nreleases: [{name: web, namespace: %s, chart: ./web, values: %s}]\n' % (namespace, values))
    repository.write('web/templates/all.yaml', chart + '  url: "db://{{ .Values.password }}@db"\n')
    repository.push('with a secret')
    other.push('without one')
    more = """
  - name: ann/other
    url: %s
    webhook_secret: {credential: webhook_secret}
    helmfile: helmfile.yaml.gotmpl
    environments: {prod: {on: [{manual: {}}]}}
""" % other.bare
    daemon = make_daemon(repository, cluster, helmfile='helmfile.yaml.gotmpl', extra_repository=more,
                         extra_environment='    reviewers: {required: 0}\n    secrets: {PASSWORD: {credential: password}}')
    daemon.credential('password', 'canary-4711-Xyzzy')
    daemon.start()

    def deploy(name):
        status, made = daemon.request('POST', '/api/v1/deployments', {'repository': name, 'environment': 'prod', 'ref': 'main'}, token='operator')
        assert status == 201, made
        return daemon.wait_state(made['id'], 'succeeded')

    deploy(repository.name)
    deploy(other.name)
    repository.write('web/templates/all.yaml', chart)
    repository.push('without it')
    last = deploy(repository.name)
    diff = daemon.run('show', str(last['id']), '--diff', SLUICE_URL='http://127.0.0.1:%d' % daemon.port, SLUICE_TOKEN=daemon.tokens['viewer']).stdout
    assert 'canary' not in diff and '(secret' in diff, diff
