#!/usr/bin/env python3
"""A real Kubernetes control plane on loopback, for tests: etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kwok.

    cluster.py start DIR      starts it with its files in DIR, waits until it is ready, prints the kubeconfig's path
    cluster.py stop DIR       stops it by the process ids in DIR
    cluster.py run [--] COMMAND...   starts one in a scratch folder, runs COMMAND with KUBECONFIG, stops it

The programs come from SLUICE_CONTROL_PLANE, else from KUBEBUILDER_ASSETS, else `build` beside this file makes them (needs Go).
The node is a kwok fake: pods that are scheduled become ready by themselves, Jobs complete. A pod whose nodeSelector fits no
node stays Pending. Services of type LoadBalancer get 127.0.0.100, as K3s' ServiceLB would give one. Uses etcd from PATH.
"""
import base64, json, os, shutil, signal, socket, ssl, subprocess, sys, tempfile, threading, time, urllib.error, urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))


def programs():
    for folder in (os.environ.get('SLUICE_CONTROL_PLANE'), os.environ.get('KUBEBUILDER_ASSETS')):
        if folder and os.path.exists(os.path.join(folder, 'kube-apiserver')):
            return folder
    return subprocess.run([os.path.join(HERE, 'build')], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def openssl(folder, *arguments):
    subprocess.run(['openssl', *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def certificates(folder):
    """A CA, a serving certificate for 127.0.0.1 and an admin's client certificate, all EC P-256 as K3s makes them."""
    key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    openssl(folder, 'req', '-x509', *key, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=test-ca', '-days', '2')
    for name, subject, extensions in (
            ('server', '/CN=kube-apiserver', 'subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:kubernetes\nextendedKeyUsage=serverAuth'),
            ('admin', '/O=system:masters/CN=admin', 'extendedKeyUsage=clientAuth')):
        with open(os.path.join(folder, name + '.ext'), 'w') as f:
            f.write(extensions + '\n')
        openssl(folder, 'req', *key, '-keyout', name + '.key', '-out', name + '.csr', '-subj', subject)
        openssl(folder, 'x509', '-req', '-in', name + '.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2',
                '-extfile', name + '.ext', '-out', name + '.crt')
    openssl(folder, 'genrsa', '-out', 'sa.key', '2048')
    openssl(folder, 'rsa', '-in', 'sa.key', '-pubout', '-out', 'sa.pub')


def write_kubeconfig(folder, port):
    def data(name):
        return base64.b64encode(open(os.path.join(folder, name), 'rb').read()).decode()
    config = {
        'apiVersion': 'v1', 'kind': 'Config', 'current-context': 'default',
        'clusters': [{'name': 'default', 'cluster': {'server': 'https://127.0.0.1:%d' % port, 'certificate-authority-data': data('ca.crt')}}],
        'users': [{'name': 'default', 'user': {'client-certificate-data': data('admin.crt'), 'client-key-data': data('admin.key')}}],
        'contexts': [{'name': 'default', 'context': {'cluster': 'default', 'user': 'default'}}]}
    path = os.path.join(folder, 'kubeconfig')
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w') as f:
        json.dump(config, f, indent=1)
    return path


class Api:
    """Just enough of a client to set the cluster up."""

    def __init__(self, folder, port):
        context = ssl.create_default_context(cafile=os.path.join(folder, 'ca.crt'))
        context.load_cert_chain(os.path.join(folder, 'admin.crt'), os.path.join(folder, 'admin.key'))
        self.base = 'https://127.0.0.1:%d' % port
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))

    def call(self, method, path, body=None, content='application/json'):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data=data, method=method, headers={'Content-Type': content})
        with self.opener.open(request, timeout=10) as answer:
            return answer.read()


def wait_ready(api, deadline):
    while True:
        try:
            if api.call('GET', '/readyz') == b'ok':
                api.call('GET', '/api/v1/namespaces/kube-system')
                return
        except (urllib.error.URLError, OSError):
            pass
        if time.time() > deadline:
            raise SystemExit('the API server did not become ready')
        time.sleep(0.1)


NODE = {
    'apiVersion': 'v1', 'kind': 'Node',
    'metadata': {'name': 'node-1', 'annotations': {'kwok.x-k8s.io/node': 'fake'},
                 'labels': {'kubernetes.io/hostname': 'active-nerd-2.localdomain', 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64',
                            'kubernetes.io/role': 'agent'}},
    'status': {'allocatable': {'cpu': '64', 'memory': '256Gi', 'pods': '1000', 'ephemeral-storage': '1Ti'},
               'capacity': {'cpu': '64', 'memory': '256Gi', 'pods': '1000', 'ephemeral-storage': '1Ti'},
               'nodeInfo': {'kubeletVersion': 'v1.34.4+k3s1', 'operatingSystem': 'linux', 'architecture': 'amd64', 'machineID': '',
                            'systemUUID': '', 'bootID': '', 'kernelVersion': '', 'osImage': '', 'containerRuntimeVersion': '', 'kubeProxyVersion': ''},
               'addresses': [{'type': 'InternalIP', 'address': '127.0.0.1'}]}}


def start_program(folder, name, command):
    log = open(os.path.join(folder, name + '.log'), 'ab')
    process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    with open(os.path.join(folder, 'pids'), 'a') as f:
        f.write('%d %s\n' % (process.pid, name))


def start(folder):
    bin_folder = programs()
    os.makedirs(folder, exist_ok=True)
    certificates(folder)
    etcd, peer, port = free_port(), free_port(), free_port()
    url, peer_url = 'http://127.0.0.1:%d' % etcd, 'http://127.0.0.1:%d' % peer
    start_program(folder, 'etcd', ['etcd', '--data-dir', os.path.join(folder, 'etcd'), '--listen-client-urls', url, '--advertise-client-urls', url,
                                   '--listen-peer-urls', peer_url, '--initial-advertise-peer-urls', peer_url, '--initial-cluster', 'default=' + peer_url])
    start_program(folder, 'kube-apiserver', [
        os.path.join(bin_folder, 'kube-apiserver'), '--etcd-servers=' + url, '--bind-address=127.0.0.1', '--secure-port=%d' % port,
        '--tls-cert-file=server.crt', '--tls-private-key-file=server.key', '--client-ca-file=ca.crt', '--authorization-mode=RBAC',
        '--service-account-issuer=https://kubernetes.default.svc', '--service-account-key-file=sa.pub', '--service-account-signing-key-file=sa.key',
        '--service-cluster-ip-range=10.43.0.0/16', '--endpoint-reconciler-type=none', '--feature-gates=WatchList=false',
        '--anonymous-auth=false', '--allow-privileged=true'])
    kubeconfig = write_kubeconfig(folder, port)
    api = Api(folder, port)
    wait_ready(api, time.time() + 60)
    start_program(folder, 'kube-controller-manager', [
        os.path.join(bin_folder, 'kube-controller-manager'), '--kubeconfig=kubeconfig', '--leader-elect=false', '--secure-port=0',
        '--service-account-private-key-file=sa.key', '--root-ca-file=ca.crt', '--use-service-account-credentials=false'])
    start_program(folder, 'kube-scheduler', [os.path.join(bin_folder, 'kube-scheduler'), '--kubeconfig=kubeconfig', '--leader-elect=false', '--secure-port=0'])
    start_program(folder, 'kwok', [os.path.join(bin_folder, 'kwok'), '--kubeconfig=kubeconfig', '--manage-all-nodes=true',
                                   '--node-lease-duration-seconds=40', '--server-address=127.0.0.1:%d' % free_port()])
    api.call('POST', '/api/v1/nodes', NODE)
    start_program(folder, 'load-balancer', [sys.executable, os.path.abspath(__file__), 'serve-load-balancers', folder, str(port)])
    deadline = time.time() + 60
    while time.time() < deadline:
        node = json.loads(api.call('GET', '/api/v1/nodes/node-1'))
        ready = any(c['type'] == 'Ready' and c['status'] == 'True' for c in node.get('status', {}).get('conditions', []))
        account = api_exists(api, '/api/v1/namespaces/default/serviceaccounts/default')
        if ready and not node['spec'].get('taints') and account:
            return kubeconfig
        time.sleep(0.2)
    raise SystemExit('the node did not become ready')


def api_exists(api, path):
    try:
        api.call('GET', path)
        return True
    except urllib.error.HTTPError:
        return False


def serve_load_balancers(folder, port):
    api = Api(folder, port)
    while True:
        try:
            for service in json.loads(api.call('GET', '/api/v1/services?fieldSelector='))['items'] or []:
                if service['spec'].get('type') != 'LoadBalancer' or service['status'].get('loadBalancer', {}).get('ingress'):
                    continue
                path = '/api/v1/namespaces/%(namespace)s/services/%(name)s/status' % service['metadata']
                api.call('PATCH', path, {'status': {'loadBalancer': {'ingress': [{'ip': '127.0.0.100'}]}}}, 'application/merge-patch+json')
        except (urllib.error.URLError, OSError, ValueError):
            pass
        time.sleep(0.3)


def stop(folder):
    path = os.path.join(folder, 'pids')
    if not os.path.exists(path):
        return
    pids = [int(line.split()[0]) for line in open(path)]
    for sign in (signal.SIGTERM, signal.SIGKILL):
        for pid in reversed(pids):
            try:
                os.kill(pid, sign)
            except ProcessLookupError:
                pass
        deadline = time.time() + 5
        while time.time() < deadline and any(os.path.exists('/proc/%d' % p) and state(p) != 'Z' for p in pids):
            time.sleep(0.05)
    os.remove(path)


def state(pid):
    try:
        return open('/proc/%d/stat' % pid).read().rsplit(')', 1)[1].split()[0]
    except OSError:
        return 'Z'


def main():
    if len(sys.argv) == 3 and sys.argv[1] == 'start':
        print(start(os.path.abspath(sys.argv[2])))
    elif len(sys.argv) == 3 and sys.argv[1] == 'stop':
        stop(os.path.abspath(sys.argv[2]))
    elif len(sys.argv) == 4 and sys.argv[1] == 'serve-load-balancers':
        serve_load_balancers(sys.argv[2], int(sys.argv[3]))
    elif len(sys.argv) > 2 and sys.argv[1] == 'run':
        command = sys.argv[2:]
        if command[0] == '--':
            command = command[1:]
        folder = tempfile.mkdtemp(prefix='sluice-cluster-')
        try:
            kubeconfig = start(folder)
            sys.exit(subprocess.run(command, env=dict(os.environ, KUBECONFIG=kubeconfig)).returncode)
        finally:
            stop(folder)
            shutil.rmtree(folder, ignore_errors=True)
    else:
        sys.exit(__doc__)


if __name__ == '__main__':
    main()
