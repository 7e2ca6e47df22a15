"""What a helmfile says about deploying, done on a real cluster by the CLI: hooks, order, flags, options."""
import json, os, subprocess, threading, uuid

import pytest

from conftest import SLUICE
from real_helm import helm as find_helm

CHART = {
    'Chart.yaml': 'apiVersion: v2\nname: note\nversion: 1.0.0\n',
    'values.yaml': 'text: chart\n',
    'templates/note.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  text: {{ .Values.text | quote }}\n',
}


class Tree:
    """A folder with a helmfile and the chart `note`, and the program run in it."""

    def __init__(self, folder, cluster, namespace):
        self.folder, self.cluster, self.namespace = str(folder), cluster, namespace
        for path, text in CHART.items():
            self.write('note/' + path, text)

    def write(self, path, text):
        full = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, 'w') as f:
            f.write(text.replace('NS', self.namespace))

    def read(self, path):
        full = os.path.join(self.folder, path)
        return open(full).read() if os.path.exists(full) else ''

    def run(self, *arguments, code=0):
        environment = dict(os.environ, KUBECONFIG=self.cluster.kubeconfig, SLUICE_CACHE=os.path.join(self.folder, '.cache'))
        result = subprocess.run([SLUICE, *arguments], cwd=self.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert result.returncode == code, '%s: exit code %d\n%s%s' % (arguments, result.returncode, result.stdout, result.stderr)
        return result

    def data(self, name):
        return self.cluster.get('/api/v1/namespaces/%s/configmaps/%s' % (self.namespace, name))['data']

    def exists(self, name):
        return self.cluster.exists('/api/v1/namespaces/%s/configmaps/%s' % (self.namespace, name))


@pytest.fixture
def tree(tmp_path, cluster, request):
    namespace = request.node.name.removeprefix('test_').replace('_', '-')[:40]
    yield Tree(tmp_path, cluster, namespace)


def log_hook(events):
    return '''{events: [%s], command: sh, args: [-c, 'echo "{{ .Event.Name }} {{ .Release.Name }} {{ .HelmfileCommand }}" >> log']}''' % events


def test_hooks_run_around_their_release(tree):
    every = 'preapply, presync, preuninstall, postuninstall, postsync, cleanup'
    tree.write('helmfile.yaml', '''
hooks:
- {events: [prepare, cleanup], command: sh, args: [-c, 'echo "{{ .Event.Name }} of the file" >> log']}
releases:
- {name: a, namespace: NS, chart: ./note, hooks: [%s]}
- {name: b, namespace: NS, chart: ./note, needs: [a], hooks: [%s]}
''' % (log_hook('prepare, ' + every), log_hook(every)))
    plan = tree.run('plan', '-q').stdout
    assert '  runs at presync: sh -c "echo \\"presync a sync\\" >> log"' in plan
    assert 'runs at cleanup: sh -c' in plan
    assert tree.read('log') == 'prepare of the file\nprepare a apply\ncleanup a apply\ncleanup b apply\ncleanup of the file\n'
    os.remove(os.path.join(tree.folder, 'log'))
    tree.run('apply', '-q')
    assert tree.read('log').splitlines() == [
        'prepare of the file', 'prepare a apply', 'preapply b apply', 'preapply a apply', 'presync a sync', 'postsync a sync', 'cleanup a apply',
        'presync b sync', 'postsync b sync', 'cleanup b apply', 'cleanup of the file']
    os.remove(os.path.join(tree.folder, 'log'))
    tree.run('destroy', '-q')
    assert tree.read('log').splitlines() == [
        'preuninstall b delete', 'postuninstall b delete', 'cleanup b apply',
        'preuninstall a delete', 'postuninstall a delete', 'cleanup a apply', 'cleanup of the file']


def test_a_failing_hook_fails_its_release(tree):
    tree.write('helmfile.yaml', '''
releases:
- name: a
  namespace: NS
  chart: ./note
  hooks:
  - {events: [presync], command: sh, args: [-c, 'echo no room >&2; exit 3']}
  - {events: [postsync], command: sh, args: [-c, 'echo "{{ .Event.Error }}" >> log']}
- {name: b, namespace: NS, chart: ./note, needs: [a]}
''')
    failed = tree.run('apply', '-q', code=1)
    why = 'presync: hook[sh]: command `sh` exited with status 3: no room'
    assert why in failed.stdout
    assert tree.read('log').strip() == why.replace('`', ' ')  # nothing in it can become part of a shell's line
    assert not tree.exists('a') and not tree.exists('b')
    tree.write('helmfile.yaml', tree.read('helmfile.yaml').replace('exit 3', 'exit 0'))
    tree.run('apply', '-q')
    assert len(tree.read('log').splitlines()) == 2
    assert tree.exists('a') and tree.exists('b')


def test_hooks_apply_objects(tree):
    tree.write('helmfile.yaml', '''
releases:
- name: a
  namespace: NS
  chart: ./note
  values: [{text: one}]
  hooks:
  - {events: [presync], kubectlApply: {filename: extra/}}
''')
    tree.write('extra/space.yaml', 'apiVersion: v1\nkind: Namespace\nmetadata: {name: NS}\n')
    tree.write('extra/things.yaml', '''apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.NS.example.org}
spec:
  group: NS.example.org
  names: {kind: Thing, plural: things}
  scope: Namespaced
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]
''')
    tree.write('note/templates/thing.yaml', 'apiVersion: NS.example.org/v1\nkind: Thing\nmetadata: {name: one}\nspec: {a: 1}\n')
    plan = tree.run('plan', '-q').stdout
    assert 'runs at presync: kubectl apply -f extra/' in plan
    assert 'note: applied by the hook kubectlApply at presync' in plan
    tree.run('apply', '-q')
    thing = tree.cluster.get('/apis/%s.example.org/v1/namespaces/%s/things/one' % (tree.namespace, tree.namespace))
    assert thing['spec'] == {'a': 1}
    tree.run('plan', '-q', '--detailed-exitcode')
    tree.write('helmfile.yaml', tree.read('helmfile.yaml').replace('text: one', 'text: two'))
    tree.write('extra/space.yaml', 'apiVersion: v1\nkind: Namespace\nmetadata: {name: NS, labels: {team: x}}\n')
    tree.run('apply', '-q')
    assert tree.cluster.get('/api/v1/namespaces/' + tree.namespace)['metadata']['labels']['team'] == 'x'
    tree.write('helmfile.yaml', tree.read('helmfile.yaml').replace('text: two', 'text: three'))
    tree.write('extra/space.yaml', 'apiVersion: v1\nkind: Namespace\nmetadata: {name: NS}\n')
    tree.run('apply', '-q')
    assert 'team' not in tree.cluster.get('/api/v1/namespaces/' + tree.namespace)['metadata']['labels']


def test_the_plan_takes_the_command_lines_values(tree):
    tree.write('helmfile.yaml', 'releases:\n- {name: a, namespace: NS, chart: ./note, values: [{text: own}]}\n')
    tree.write('more.yaml', 'text: file\n')
    assert '+   text: file' in tree.run('plan', '-q', '--values', 'more.yaml').stdout
    assert '+   text: flag' in tree.run('plan', '-q', '--values', 'more.yaml', '--set', 'text=flag').stdout
    tree.run('apply', '-q', '--args', '--set text=args --history-max 3')
    assert tree.data('a') == {'text': 'args'}
    refused = tree.run('plan', '-q', '--args', '--post-renderer x', code=1)
    assert refused.stderr == "Error: --args: helm's flag --post-renderer is not supported\n"


def test_releases_that_others_need_are_removed_after_them(tree):
    each = [log_hook('presync, preuninstall')]
    text = '''releases:
- {name: c, namespace: NS, chart: ./note, needs: [b], installed: I, hooks: [%s]}
- {name: b, namespace: NS, chart: ./note, needs: [a], installed: I, hooks: [%s]}
- {name: a, namespace: NS, chart: ./note, installed: I, hooks: [%s]}
- {name: d, namespace: NS, chart: ./note, hooks: [%s]}
''' % tuple(each * 4)
    tree.write('helmfile.yaml', text.replace('installed: I', 'installed: true').replace('name: d, ', 'name: d, installed: false, '))
    tree.run('apply', '-q')
    os.remove(os.path.join(tree.folder, 'log'))
    tree.write('helmfile.yaml', text.replace('installed: I', 'installed: false'))
    tree.run('apply', '-q')
    assert [line for line in tree.read('log').splitlines()] == [
        'presync c sync', 'preuninstall c sync', 'presync b sync', 'preuninstall b sync', 'presync a sync', 'preuninstall a sync', 'presync d sync']
    assert not tree.exists('a') and tree.exists('d')


def record_labels(tree, revision):
    secret = tree.cluster.get('/api/v1/namespaces/%s/secrets/sh.helm.release.v1.a.v%d' % (tree.namespace, revision))
    return {key: value for key, value in secret['metadata']['labels'].items() if key not in ('name', 'owner', 'status', 'version', 'createdAt', 'modifiedAt')}


def test_labels_go_to_the_release_record(tree):
    release = '{name: a, namespace: NS, chart: ./note, values: [{text: %s}], labels: {tier: "1"}%s}'
    tree.write('helmfile.yaml', 'commonLabels: {team: x}\nreleases:\n- ' + release % ('one', ', syncReleaseLabels: true') + '\n')
    tree.run('apply', '-q')
    all_of_them = {'team': 'x', 'tier': '1', 'namespace': tree.namespace, 'chart': 'note'}
    assert record_labels(tree, 1) == all_of_them
    tree.write('helmfile.yaml', 'releases:\n- ' + release % ('two', '') + '\n')
    tree.run('apply', '-q')
    assert record_labels(tree, 1) == record_labels(tree, 2) == all_of_them  # as helm upgrade without --labels, and kept when superseded
    tree.run('rollback', '-q', '-n', tree.namespace, 'a', '1')
    assert record_labels(tree, 3) == all_of_them
    tree.write('helmfile.yaml', 'releases:\n- ' + (release % ('three', ', syncReleaseLabels: true')).replace('"1"', 'a b') + '\n')
    refused = tree.run('apply', '-q', code=1)
    assert refused.stderr == 'Error: release "a": syncReleaseLabels: Kubernetes takes no label "tier" with the value "a b"\n'


def test_removed_releases_take_their_dependents_as_cascade_says(tree):
    tree.write('note/templates/note.yaml', CHART['templates/note.yaml'] + '  sizes: {{ .Values.sizes | default "" | quote }}\n')
    release = '{name: a, namespace: NS, chart: ./note, cascade: foreground, installed: %s}'
    tree.write('helmfile.yaml', 'helmDefaults: {cascade: orphan, deleteWait: true, deleteTimeout: 1}\nreleases:\n- ' + release % 'true' + '\n- {name: b, namespace: NS, chart: ./note}\n')
    tree.run('apply', '-q')
    for name in ('a', 'b'):  # what belongs to the object of the release
        owner = tree.cluster.get('/api/v1/namespaces/%s/configmaps/%s' % (tree.namespace, name))['metadata']
        tree.cluster.create('/api/v1/namespaces/%s/configmaps' % tree.namespace, {
            'metadata': {'name': name + '-child', 'ownerReferences': [{'apiVersion': 'v1', 'kind': 'ConfigMap', 'name': name, 'uid': owner['uid'], 'blockOwnerDeletion': True}],
                         'finalizers': ['example.org/keep'] if name == 'a' else []}})
    tree.write('helmfile.yaml', tree.read('helmfile.yaml').replace('installed: true', 'installed: false'))
    failed = tree.run('apply', '-q', code=1)  # its child cannot go, so that it stays
    assert 'a: failed' in failed.stdout and '1 s' in failed.stdout
    assert 'foregroundDeletion' in tree.cluster.get('/api/v1/namespaces/%s/configmaps/a' % tree.namespace)['metadata']['finalizers']
    tree.cluster.patch('/api/v1/namespaces/%s/configmaps/a-child' % tree.namespace, {'metadata': {'finalizers': None}})
    tree.write('helmfile.yaml', tree.read('helmfile.yaml').replace('name: b, ', 'name: b, deleteTimeout: 60, installed: false, ').replace('- {name: a', '- {name: z'))
    tree.run('apply', '-q')
    child = tree.cluster.get('/api/v1/namespaces/%s/configmaps/b-child' % tree.namespace)
    assert not tree.exists('b') and 'ownerReferences' not in child['metadata']


def test_values_of_the_last_release_are_reused(tree):
    helm = find_helm()
    tree.write('note/values.yaml', 'text: chart\nsize: 1\nlarge: 1\ndeep: {kept: a, own: b}\n')
    tree.write('note/templates/note.yaml', CHART['templates/note.yaml'] + '  all: {{ toJson .Values | quote }}\n  large: {{ .Values.large | quote }}\n')
    tree.write('first.yaml', 'text: first\nlarge: 12345678\ndeep: {kept: c, secret: s3cret}\n')
    tree.write('second.yaml', 'text: second\ndeep: {own: d}\n')
    tree.write('helmfile.yaml', 'releases:\n- {name: a, namespace: NS, chart: ./note, values: [first.yaml]}\n')
    tree.run('apply', '-q')
    tree.write('note/values.yaml', 'text: new\nsize: 2\nadded: true\ndeep: {}\n')
    tree.write('helmfile.yaml', 'helmDefaults: {reuseValues: true}\nreleases:\n- {name: a, namespace: NS, chart: ./note, values: [second.yaml]}\n')
    plan = tree.run('plan', '-q').stdout
    assert 's3cret' not in plan and '+   text: second' in plan
    tree.run('apply', '-q')
    data = tree.data('a')
    assert json.loads(data['all']) == {'text': 'second', 'size': 1, 'large': 12345678, 'deep': {'kept': 'c', 'own': 'd', 'secret': 's3cret'}}
    given = json.loads(tree.run('get', 'values', '-n', tree.namespace, 'a', '-o', 'json').stdout)
    assert given == {'text': 'second', 'large': 12345678, 'deep': {'kept': 'c', 'own': 'd', 'secret': 's3cret'}}
    if not helm:
        pytest.skip('SKIPPED LOUDLY: no real helm, so reused values were not compared with it')
    environment = dict(os.environ, KUBECONFIG=tree.cluster.kubeconfig)
    subprocess.run([helm, 'install', 'a', './note', '-n', tree.namespace + '-2', '--create-namespace', '-f', 'first.yaml', '--set', 'size=1,deep.own=b'], cwd=tree.folder, env=environment, check=True, capture_output=True)
    subprocess.run([helm, 'upgrade', 'a', './note', '-n', tree.namespace + '-2', '-f', 'second.yaml', '--reuse-values'], cwd=tree.folder, env=environment, check=True, capture_output=True)
    theirs = tree.cluster.get('/api/v1/namespaces/%s-2/configmaps/a' % tree.namespace)['data']
    assert theirs['large'] == data['large']
    tree.run('apply', '-q', '-n', tree.namespace + '-2')  # takes over from the real one
    assert tree.cluster.get('/api/v1/namespaces/%s-2/configmaps/a' % tree.namespace)['data'] == theirs


def test_a_kind_that_is_about_to_be_served_is_waited_for(tree):
    kind = 'Young' + uuid.uuid4().hex[:8]
    plural, group = kind.lower() + 's', 'example.org'
    tree.write('note/templates/young.yaml', 'apiVersion: %s/v2\nkind: %s\nmetadata:\n  name: young\n' % (group, kind))
    tree.write('helmfile.yaml', 'releases: [{name: web, namespace: NS, chart: ./note}]\n')
    assert 'no matches for kind "%s" in version "example.org/v2"' % kind in tree.run('plan', code=1).stderr

    path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
    schema = {'openAPIV3Schema': {'type': 'object'}}
    versions = [{'name': 'v1', 'served': True, 'storage': True, 'schema': schema}, {'name': 'v2', 'served': False, 'storage': False, 'schema': schema}]
    tree.cluster.create(path, {'apiVersion': 'apiextensions.k8s.io/v1', 'kind': 'CustomResourceDefinition', 'metadata': {'name': plural + '.' + group},
                               'spec': {'group': group, 'scope': 'Namespaced', 'names': {'plural': plural, 'singular': kind.lower(), 'kind': kind}, 'versions': versions}})
    versions[1]['served'] = True
    later = threading.Timer(1, lambda: tree.cluster.patch('%s/%s.%s' % (path, plural, group), {'spec': {'versions': versions}}))
    later.start()
    planned = tree.run('plan').stdout
    later.join()
    assert '%s.example.org %s/young will be created' % (kind, tree.namespace) in planned


@pytest.mark.parametrize('width', [1, 2])
def test_as_many_releases_are_worked_on_at_once_as_was_asked_for(tree, width):
    tree.write('note/templates/never.yaml', '''apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}}
spec:
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec:
      nodeSelector: {there-is: none}
      containers: [{name: web, image: "registry.example/web:1"}]
''')
    tree.write('helmfile.yaml', '''helmDefaults: {wait: true, timeout: 2}
releases:
- {name: a%(n)d, namespace: NS, chart: ./note}
- {name: b%(n)d, namespace: NS, chart: ./note}
''' % {'n': width})
    told = tree.run('apply', '--concurrency', str(width), code=1).stderr
    began_b = told.find('ConfigMap %s/b%d: created' % (tree.namespace, width))
    ended_a = told.index('not-ready: waited 2 s')
    assert (0 <= began_b < ended_a) == (width == 2), told


def test_all_of_a_release_is_shown_as_by_helm(tree):
    helm = find_helm()
    if not helm:
        pytest.skip('SKIPPED LOUDLY: no real helm, so `get all` was not compared with it')
    tree.write('note/values.yaml', 'text: chart\nsize: 1.5\nlarge: 12345678\ndeep: {kept: a, own: b}\n')
    tree.write('note/templates/NOTES.txt', 'Thank you for {{ .Release.Name }}\n')
    tree.write('note/templates/hook.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: hook\n  annotations: {helm.sh/hook: pre-install}\n')
    tree.write('helmfile.yaml', 'releases:\n- {name: a, namespace: NS, chart: ./note, values: [{text: own, deep: {own: null, more: [1]}}]}\n- {name: b, namespace: NS, chart: ./note}\n')
    tree.run('apply', '-q')
    for name in 'ab':
        for parts in (['all', name], ['values', name, '--all'], ['values', name, '--all', '-o', 'json'], ['values', name], ['hooks', name]):
            theirs = subprocess.run([helm, 'get', *parts, '-n', tree.namespace], env=dict(os.environ, KUBECONFIG=tree.cluster.kubeconfig, TZ='UTC'),
                                    check=True, capture_output=True, text=True).stdout
            assert tree.run('get', *parts, '-n', tree.namespace).stdout == theirs, parts


def test_fields_of_newer_helmfiles_that_would_change_the_push_are_refused_by_name(tree):
    release = 'releases:\n- {name: a, namespace: NS, chart: ./note, %s}\n'
    for field, why in (('forceConflicts: true', 'forceConflicts is not supported: objects are written by three-way merge, as Helm 3 writes them'),
                       ('serverSide: auto', 'serverSide: auto is not supported: objects are written by three-way merge, as Helm 3 writes them'),
                       ('updateStrategy: reinstallIfForbidden', 'updateStrategy is not supported: a release is never uninstalled to be updated'),
                       ('trackMode: kubedog', 'trackMode: kubedog is not supported: use wait: true, and sluice follows every object')):
        tree.write('helmfile.yaml', release % field)
        assert tree.run('plan', '-q', code=1).stderr == 'Error: release "a": %s\n' % why
        tree.run('render', '-q')


def test_a_record_has_the_helmfiles_description(tree):
    tree.write('helmfile.yaml', 'releases:\n- {name: a, namespace: NS, chart: ./note, description: for the fair, serverSide: "false", trackMode: helm}\n')
    tree.run('apply', '-q')
    history = json.loads(tree.run('history', '-n', tree.namespace, 'a', '-o', 'json').stdout)
    assert [(one['revision'], one['description']) for one in history] == [(1, 'for the fair')]
