"""`sluice status` of a whole helmfile tree, against what the real helm (and helmfile, where there is one) tells of the same releases."""
import json, os, shutil, subprocess

import pytest

from real_helm import helm as find_helm
from test_helmfile import Tree

TREE = '''
releases:
- {name: b, namespace: NS, chart: ./note, needs: [NS/a]}
- {name: a, namespace: NS, chart: ./note}
- {name: old, namespace: NS, chart: ./note, installed: false}
- {name: c, namespace: NS, chart: ./note, needs: [NS/b], labels: {tier: late}}
'''


@pytest.fixture
def tree(tmp_path, cluster, request):
    it = Tree(tmp_path, cluster, request.node.name.removeprefix('test_').translate(str.maketrans('_[]', '---'))[:40].strip('-'))
    it.write('note/templates/NOTES.txt', 'This is {{ .Release.Name }}.\n')
    it.write('helmfile.yaml', TREE)
    it.run('apply', '-q', '-l', 'tier!=late')
    yield it


def real(tree, program, *arguments):
    environment = dict(os.environ, KUBECONFIG=tree.cluster.kubeconfig, PATH=os.path.dirname(find_helm()) + ':' + os.environ['PATH'])
    return subprocess.run([program, *arguments], cwd=tree.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_status_of_a_tree_is_that_of_its_releases_in_the_order_of_needs(tree):
    helm = find_helm()
    if not helm:
        pytest.skip('SKIPPED LOUDLY: no helm to compare with')
    expected = ''.join(real(tree, helm, 'status', name, '-n', tree.namespace).stdout + '\n' for name in ('a', 'b'))
    assert 'This is a.' in expected and 'This is b.' in expected
    assert tree.run('status', '-l', 'tier!=late').stdout == expected
    assert tree.run('status', '-q', '-l', 'tier!=late', '--concurrency', '1').stdout == expected
    helmfile = os.environ.get('HELMFILE') or shutil.which('helmfile')
    if helmfile:
        theirs = real(tree, helmfile, 'status', '-l', 'tier!=late', '--concurrency', '1')
        assert theirs.returncode == 0
        lines = [line for line in theirs.stderr.splitlines(True) if not line.startswith('Getting status ')]
        assert ''.join(lines) == expected


def test_status_names_releases_that_are_not_installed_and_fails(tree):
    result = tree.run('status', code=1)
    assert [line for line in result.stdout.splitlines() if line.startswith('NAME:')] == ['NAME: a', 'NAME: b']
    assert result.stderr == 'Error: in helmfile.yaml: release "c": release: not found in namespace %s\n' % tree.namespace
    rows = json.loads(tree.run('status', '-o', 'json', code=1).stdout)
    assert [(row['name'], row['status'], row.get('revision')) for row in rows] == [
        ('a', 'deployed', '1'), ('b', 'deployed', '1'), ('c', 'not-installed', None)]


def test_status_knows_selectors_and_removed_releases(tree):
    assert tree.run('status', '-l', 'name=old').stdout == ''
    assert tree.run('status', '-l', 'name=nobody', code=3).stderr == (
        'no releases found that matches specified selector(name=nobody) and environment(default), in any helmfile\n')
    assert tree.run('status', '-l', 'name=nobody', '--allow-no-matching-release').stdout == ''


@pytest.mark.parametrize('command', [['status', 'a'], ['list'], ['history', 'a']])
def test_records_are_printed_as_yaml_like_helm(tree, command):
    helm = find_helm()
    if not helm:
        pytest.skip('SKIPPED LOUDLY: no helm to compare with')
    place = ['-n', tree.namespace, '-o', 'yaml']
    assert tree.run(*command, *place).stdout == real(tree, helm, *command, *place).stdout


def test_status_takes_a_revision_of_one_release_only(tree):
    assert '--revision requires RELEASE' in tree.run('status', '--revision', '1', code=2).stderr
