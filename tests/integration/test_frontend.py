"""The author's frontend repository, from a signed push to the cluster and back to `helm list`."""
import json, os, re, subprocess, tarfile

import pytest

from real_helm import helm
from conftest import CORPUS, SLUICE, push_payload

pytestmark = pytest.mark.skipif(not os.path.isdir(CORPUS), reason='SKIPPED LOUDLY: the chart corpus is not at hand (SLUICE_CORPUS)')


WANTED = ('middlewares.traefik.io', 'ingressroutes.traefik.io', 'servicemonitors.monitoring.coreos.com', 'certificates.cert-manager.io')


def definitions_in(text):
    """The wanted CustomResourceDefinitions of a YAML stream. Only those are parsed: others hold what PyYAML cannot read."""
    import yaml
    for document in re.split(r'(?m)^---.*$', text):
        if 'kind: CustomResourceDefinition' in document and re.search(r'(?m)^  name: "?(%s)"?$' % '|'.join(WANTED), document):
            yield yaml.load(document, getattr(yaml, 'CSafeLoader', yaml.SafeLoader))


def prepare(cluster):
    """What the frontend stack finds on its cluster: definitions that other stacks bring, its namespace, its secret."""
    charts = os.path.join(CORPUS, 'charts')
    texts = []
    for archive in ('traefik.github.io/charts/traefik-36.0.0.tgz', 'prometheus-community.github.io/helm-charts/kube-prometheus-stack-72.6.3.tgz'):
        with tarfile.open(os.path.join(charts, archive)) as tar:
            texts += [tar.extractfile(member).read().decode() for member in tar.getmembers() if '/crds/' in member.name and member.name.endswith('.yaml')]
    texts.append(subprocess.run([SLUICE, 'template', 'cm', os.path.join(charts, 'charts.jetstack.io/cert-manager-v1.11.0.tgz'), '--set', 'installCRDs=true'],
                                stdout=subprocess.PIPE, check=True, text=True).stdout)
    found = [definition for text in texts for definition in definitions_in(text)]
    assert sorted(d['metadata']['name'] for d in found) == sorted(WANTED)
    for definition in found:
        cluster.apply('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/' + definition['metadata']['name'], definition)
    if not cluster.exists('/api/v1/namespaces/frontend'):
        cluster.create('/api/v1/namespaces', {'metadata': {'name': 'frontend'}})
        keys = ('POSTGRES_URL', 'GOATCOUNTER_ADMIN_EMAIL', 'GOATCOUNTER_ADMIN_PASSWORD', 'ISSO_MAIL_ADDR', 'ISSO_MAIL_PASSWORD', 'ISSO_ADMIN_PASSWORD')
        cluster.create('/api/v1/namespaces/frontend/secrets', {'metadata': {'name': 'helmfile-secret-frontend'}, 'stringData': {key: 'x' for key in keys}})
    return cluster


@pytest.fixture(scope='module')
def frontend_cluster(cluster):
    return prepare(cluster)


def approve(daemon, number, digest, token='approver'):
    return daemon.request('POST', '/api/v1/deployments/%s/approve' % number, {'digest': digest, 'comment': 'looks right'}, token=token)


def test_a_push_is_planned_approved_and_deployed(frontend_cluster, repository, make_daemon):
    cluster = frontend_cluster
    repository.copy(os.path.join(CORPUS, 'author-frontend'), 'deploy')
    first = repository.push('first')
    daemon = make_daemon(repository, cluster, helmfile='deploy/helmfile/helmfile.yaml.gotmpl', environment='prod',
                         variables='IMAGE_REPOSITORY: registry.example/frontend, IMAGE_TAG: "{{ .Commit.Sha }}"')
    daemon.start()

    status, answer = daemon.deliver('push', push_payload(repository.name, '0' * 40, first))
    assert status == 202, answer
    number = daemon.wait_new(0)
    waiting = daemon.wait_state(number, 'awaiting_approval')
    digest = waiting['digest']
    assert len(digest) == 64
    status, diff = daemon.request('GET', '/api/v1/deployments/%s/diff' % number, headers={'Accept': 'text/plain'}, token='viewer')
    assert status == 200
    assert 'registry.example/frontend:' + first in diff

    status, refused = approve(daemon, number, 'f' * 64)
    assert status == 409, refused
    assert approve(daemon, number, digest)[0] == 200
    done = daemon.wait_state(number, 'succeeded', seconds=120)
    assert done['state'] == 'succeeded'
    image = cluster.get('/apis/apps/v1/namespaces/frontend/deployments')['items']
    assert any(c['image'] == 'registry.example/frontend:' + first for d in image for c in d['spec']['template']['spec']['containers'])
    assert approve(daemon, number, digest)[0] == 409

    program = helm()
    if program:
        listed = json.loads(subprocess.run([program, 'list', '-n', 'frontend', '-o', 'json', '--kubeconfig', cluster.kubeconfig], check=True, stdout=subprocess.PIPE).stdout)
        assert {r['name']: r['status'] for r in listed} == {'goatcounter': 'deployed', 'isso': 'deployed', 'frontend': 'deployed'}
        updated = {r['name']: r['updated'] for r in listed}
        assert updated['frontend'] == max(updated.values())

    # a second push changes only the image's tag, so exactly one Deployment
    generations = {d['metadata']['name']: d['metadata']['generation'] for d in image}
    second = repository.push('second')
    assert daemon.deliver('push', push_payload(repository.name, first, second))[0] == 202
    number2 = daemon.wait_new(number)
    waiting = daemon.wait_state(number2, 'awaiting_approval')
    assert approve(daemon, number2, digest)[0] == 409, 'the first plan\'s digest must not approve the second'
    assert approve(daemon, number2, waiting['digest'])[0] == 200
    daemon.wait_state(number2, 'succeeded', seconds=120)
    after = {d['metadata']['name']: d['metadata']['generation'] for d in cluster.get('/apis/apps/v1/namespaces/frontend/deployments')['items']}
    assert sorted(name for name in after if after[name] != generations.get(name)) == ['frontend-frontend-nuxt'] or \
        len([name for name in after if after[name] != generations.get(name)]) == 1

    # the same commit again changes nothing
    status, made = daemon.request('POST', '/api/v1/deployments', {'repository': repository.name, 'environment': 'prod', 'ref': 'main'}, token='operator')
    assert status in (201, 202), made
    number3 = daemon.wait_new(number2)
    daemon.wait_state(number3, 'no_changes')
    assert daemon.stop() == 0
