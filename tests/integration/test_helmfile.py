"""What a helmfile says about deploying, done on a real cluster by the CLI: hooks, order, flags, options."""
import json, os, subprocess

import pytest

from conftest import SLUICE

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
