"""What is no longer as it was deployed: on the command line, by the API and on the page, against a real API server."""
import json, re, signal, subprocess, time

from conftest import NO_CLUSTER, SLUICE
from test_loop import app, live  # noqa: F401  (the fixture)

DEPLOYMENT = '/apis/apps/v1/namespaces/%s/deployments/web'
CORE = '/api/v1/namespaces/%s/'


def drift(app, *arguments):
    result = subprocess.run([SLUICE, 'drift', '--kubeconfig', app.cluster.kubeconfig, '-n', app.namespace, *arguments], stdout=subprocess.PIPE, text=True)
    return result.returncode, result.stdout


def change_by_hand(app):
    path = DEPLOYMENT % app.namespace
    app.cluster.api.call('PATCH', path + '?fieldManager=kubectl-edit', {'spec': {'replicas': 3}}, 'application/merge-patch+json')
    app.cluster.patch((CORE + 'secrets/web') % app.namespace, {'data': {'password': 'c3RvbGVuLWNhbmFyeQ=='}})
    app.cluster.delete((CORE + 'configmaps/web') % app.namespace)


def test_nothing_has_drifted_after_a_deployment(app):
    app.start()
    app.deploy('first')
    assert drift(app, '--detailed-exitcode') == (0, 'No drift: 3 objects of 1 release as deployed.\n')
    status, answer = app.daemon.request('GET', '/api/v1/drift?environment=prod', token='viewer')
    assert status == 200
    assert answer['items'][0]['summary'] == {'releases': 1, 'objects': 3, 'changed': 0, 'missing': 0}


def test_what_was_changed_by_hand_is_told_with_who_did_it(app):
    app.start()
    app.deploy('first')
    change_by_hand(app)
    code, text = drift(app, '--detailed-exitcode')
    assert code == 2
    text = re.sub(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ', 'THEN', re.sub(r'\(secret [0-9a-f]{8}\)', '(secret)', text))
    assert text.replace(app.namespace, 'NS') == (
        'Release NS/web, revision 1, chart web-0.1.0\n'
        '  Secret NS/web was changed\n'
        '    data.password: (secret), deployed as (secret) (changed by Python-urllib at THEN)\n'
        '  ConfigMap NS/web is missing\n'
        '  Deployment NS/web was changed\n'
        '    spec.replicas: 3, deployed as 1 (changed by kubectl-edit at THEN)\n'
        'Drift: 3 of 3 objects, in 1 of 1 release.\n')


def test_the_api_tells_the_same_and_no_secret(app):
    app.start()
    app.deploy('first')
    change_by_hand(app)
    status, answer = app.daemon.request('GET', '/api/v1/drift?environment=prod', token='viewer')
    assert status == 200
    prod = answer['items'][0]
    assert prod['summary'] == {'releases': 1, 'objects': 3, 'changed': 2, 'missing': 1}
    objects = {each['kind']: each for each in prod['releases'][0]['objects']}
    assert objects['ConfigMap']['state'] == 'missing'
    field = objects['Deployment']['fields'][0]
    assert (field['path'], field['live'], field['deployed'], field['by']) == ('spec.replicas', 3, 1, 'kubectl-edit')
    text = json.dumps(answer)
    assert 'stolen-canary' not in text and 'c3RvbGVuLWNhbmFyeQ' not in text
    assert json.loads(drift(app, '-o', 'json')[1])['summary'] == prod['summary']


def test_deploying_the_same_again_brings_it_back(app):
    app.start()
    first = app.deploy('first')
    change_by_hand(app)
    assert app.daemon.request('GET', '/api/v1/drift', token='viewer')[1]['items'][0]['deployment'] == first['id']
    status, again = app.daemon.request('POST', '/api/v1/deployments/%d/rollback' % first['id'], {}, token='operator')
    assert status in (200, 201), again
    number = app.daemon.wait_new(first['id'])
    assert app.approve(number)[0] == 200
    app.daemon.wait_state(number, 'succeeded')
    assert live(app)['spec']['replicas'] == 1
    assert drift(app)[1] == 'No drift: 3 objects of 1 release as deployed.\n'


def test_releases_are_listed_as_the_cluster_has_them(app):
    app.start()
    status, answer = app.daemon.request('GET', '/api/v1/releases', token='viewer')
    assert (status, answer) == (200, {'items': []}), 'nothing was deployed yet'
    app.deploy('first')
    status, answer = app.daemon.request('GET', '/api/v1/releases?environment=prod', token='viewer')
    assert status == 200
    release = answer['items'][0]
    assert release.pop('updated').startswith('20')
    assert release == {'name': 'web', 'namespace': app.namespace, 'environment': 'prod', 'revision': 1, 'status': 'deployed',
                       'description': 'Install complete', 'chart': 'web-0.1.0', 'app_version': ''}
    assert app.daemon.request('GET', '/api/v1/releases?environment=nowhere', token='viewer')[0] == 404


def test_a_cluster_that_does_not_answer_is_said_for_its_environment(app):
    app.start()
    app.deploy('first')
    app.daemon.credential('kubeconfig', NO_CLUSTER)
    app.daemon.process.send_signal(signal.SIGHUP)
    deadline = time.time() + 10
    while True:
        status, answer = app.daemon.request('GET', '/api/v1/drift', token='viewer')
        assert status == 200
        if 'error' in answer['items'][0]:
            break
        assert time.time() < deadline, answer
        time.sleep(0.1)
    assert set(answer['items'][0]) == {'environment', 'error'} and answer['items'][0]['environment'] == 'prod'
    assert 'cluster-not-allowed: 127.0.0.1 port 1 is not in the cluster\'s allow list' in answer['items'][0]['error'], answer
    assert app.daemon.request('GET', '/api/v1/releases', token='viewer')[0] == 503
