"""Releases that are patched after rendering, planned and applied on a real cluster by the CLI."""
import os, subprocess

from real_helm import helm as find_helm
from test_helmfile import tree  # noqa: F401, the fixture

PATCHED = '''
releases:
- name: a
  namespace: NS
  chart: ./note
  dependencies: [{chart: ./added, version: 1.x, alias: extra}]
  strategicMergePatches:
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {merged: 'yes'}}
  jsonPatches:
  - {target: {kind: ConfigMap, name: extra}, patch: [{op: add, path: /data, value: {patched: 'yes'}}]}
  transformers:
  - apiVersion: builtin
    kind: LabelTransformer
    metadata: {name: labels}
    labels: {team: red}
    fieldSpecs: [{path: metadata/labels, create: true}]
- {name: b, namespace: NS, chart: ./note, forceNamespace: NS-2}
- {name: c, namespace: NS, chart: ./plain}
'''


def test_patched_releases_are_what_was_shown(tree):
    tree.cluster.create('/api/v1/namespaces', {'metadata': {'name': tree.namespace + '-2'}})
    tree.write('added/Chart.yaml', 'apiVersion: v2\nname: added\nversion: 1.2.0\n')
    tree.write('added/templates/map.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Chart.Name }}\n')
    tree.write('plain/map.yaml.gotmpl', 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n')
    tree.write('helmfile.yaml', PATCHED)
    plan = tree.run('plan', '-q').stdout
    assert '    + data:\n    +   merged: "yes"\n    +   text: chart\n' in plan and 'Plan: 4 to create' in plan
    tree.run('apply', '-q')
    assert tree.data('a') == {'merged': 'yes', 'text': 'chart'} and tree.data('extra') == {'patched': 'yes'} and tree.exists('c')
    assert tree.cluster.get('/api/v1/namespaces/%s-2/configmaps/b' % tree.namespace)['data'] == {'text': 'chart'}
    again = tree.run('plan', '-q', '--detailed-exitcode')
    assert again.stdout == 'No changes: 4 objects are as they should be.\n'
    rendered = tree.run('render', '-q').stdout
    helm = find_helm()
    for name in 'abc':
        ours = tree.run('get', 'manifest', '-n', tree.namespace, name).stdout
        assert ours.strip() and ours.strip() in rendered
        if helm:
            theirs = subprocess.run([helm, 'get', 'manifest', '-n', tree.namespace, name], env=dict(os.environ, KUBECONFIG=tree.cluster.kubeconfig), check=True, stdout=subprocess.PIPE, text=True).stdout
            assert theirs == ours
    tree.write('helmfile.yaml', PATCHED.replace("merged: 'yes'", "merged: 'no'"))
    assert 'Plan: 0 to create, 1 to update' in tree.run('plan', '-q').stdout
