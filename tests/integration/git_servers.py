"""Git servers on loopback: the real `git http-backend` behind TLS with a token, and a private sshd with keys of its own."""
import base64, getpass, http.server, os, ssl, subprocess, threading, time

import shutil

from conftest import free_port


def run(*arguments, **kwargs):
    return subprocess.run(arguments, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **kwargs).stdout


class Authority:
    """A certificate authority for one test, and a server's certificate from it."""

    def __init__(self, folder, name='ca'):
        self.folder, self.name = folder, name
        self.certificate = os.path.join(folder, name + '.crt')
        self.key = os.path.join(folder, name + '.key')
        run('openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=' + name,
            '-keyout', self.key, '-out', self.certificate)

    def issue(self, names):
        base = os.path.join(self.folder, self.name + '-server')
        run('openssl', 'req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=server', '-keyout', base + '.key', '-out', base + '.csr')
        with open(base + '.ext', 'w') as f:
            f.write('subjectAltName=' + names)
        run('openssl', 'x509', '-req', '-in', base + '.csr', '-CA', self.certificate, '-CAkey', self.key, '-CAcreateserial', '-days', '2', '-extfile', base + '.ext', '-out', base + '.crt')
        return base + '.crt', base + '.key'


def processes_with(secret):
    """Where the secret is readable beside the processes that are meant to have it: 'argv of git', 'environment of sluice', …"""
    found = []
    for pid in filter(str.isdigit, os.listdir('/proc')):
        if int(pid) == os.getpid():
            continue
        for what in ('cmdline', 'environ'):
            try:
                text = open('/proc/%s/%s' % (pid, what), 'rb').read()
            except OSError:
                continue
            if secret.encode() in text:
                found.append('%s of %s' % (what, text.split(b'\0')[0].decode(errors='replace')))
    return found


class HttpsServer:
    """Repositories below `root` over https, for one user and token. Notes each request and what it found of the token elsewhere."""

    def __init__(self, root, certificate, key, user='x-access-token', token='a token'):
        self.root, self.user, self.token = root, user, token
        self.requests, self.seen_elsewhere = [], []
        self.redirect_to = None
        self.cut_after = None
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def log_message(self, *arguments):
                pass

            def answer(self, status, headers=(), body=b''):
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def handle_any(self):
                authorization = self.headers.get('Authorization')
                outer.requests.append((self.path, authorization))
                length = int(self.headers.get('Content-Length') or 0)
                body = self.rfile.read(length)
                if outer.redirect_to:
                    return self.answer(302, [('Location', outer.redirect_to + self.path)])
                wanted = 'Basic ' + base64.b64encode(('%s:%s' % (outer.user, outer.token)).encode()).decode()
                if authorization != wanted:
                    return self.answer(401, [('WWW-Authenticate', 'Basic realm="git"')])
                outer.seen_elsewhere += processes_with(outer.token)
                path, _, query = self.path.partition('?')
                environment = {'PATH': os.environ['PATH'], 'GIT_PROJECT_ROOT': outer.root, 'GIT_HTTP_EXPORT_ALL': '1', 'PATH_INFO': path, 'QUERY_STRING': query,
                               'REQUEST_METHOD': self.command, 'CONTENT_TYPE': self.headers.get('Content-Type', ''), 'CONTENT_LENGTH': str(len(body)),
                               'REMOTE_USER': outer.user, 'REMOTE_ADDR': '127.0.0.1', 'GIT_PROTOCOL': self.headers.get('Git-Protocol', ''),
                               'HTTP_CONTENT_ENCODING': self.headers.get('Content-Encoding', ''), 'GIT_CONFIG_COUNT': '2',
                               'GIT_CONFIG_KEY_0': 'safe.directory', 'GIT_CONFIG_VALUE_0': '*',
                               'GIT_CONFIG_KEY_1': 'uploadpack.allowAnySHA1InWant', 'GIT_CONFIG_VALUE_1': 'true'}
                done = subprocess.run(['git', 'http-backend'], input=body, stdout=subprocess.PIPE, env=environment)
                head, _, answer = done.stdout.partition(b'\r\n\r\n')
                status, headers = 200, []
                for line in head.decode().split('\r\n'):
                    name, _, value = line.partition(': ')
                    if name == 'Status':
                        status = int(value.split()[0])
                    elif name:
                        headers.append((name, value))
                if outer.cut_after is not None and self.command == 'POST' and len(answer) > outer.cut_after:
                    self.send_response(status)
                    for name, value in headers:
                        self.send_header(name, value)
                    self.send_header('Content-Length', str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer[:outer.cut_after])
                    self.close_connection = True
                    return None
                return self.answer(status, headers, answer)

            do_GET = do_POST = handle_any

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                pass  # a client that does not like our certificate

        self.server = Server(('127.0.0.1', 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path):
        return 'https://localhost:%d/%s' % (self.port, path)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class SshServer:
    """A private sshd with a host key and one authorized key of its own."""

    def __init__(self, folder):
        self.folder, self.port = os.path.join(folder, 'sshd'), free_port()
        os.makedirs(self.folder, mode=0o700)
        self.user_key = self.new_key('user')
        self.other_key = self.new_key('other')
        shutil.copy(self.user_key + '.pub', self.path('authorized_keys'))
        self.host_key = self.new_key('host')
        self.known_hosts = self.path('known_hosts')
        self.pin(self.host_key)
        with open(self.path('config'), 'w') as f:
            f.write('Port %d\nListenAddress 127.0.0.1\nHostKey %s\nAuthorizedKeysFile %s\nPidFile none\nUsePAM no\nStrictModes no\nPasswordAuthentication no\n'
                    'KbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\nAllowTcpForwarding no\nLogLevel ERROR\n'
                    % (self.port, self.host_key, self.path('authorized_keys')))
        # the one folder that sshd wants of its system, and that Debian makes when it starts the service
        if os.getuid() == 0:
            os.makedirs('/run/sshd', mode=0o755, exist_ok=True)
        self.log = open(self.path('log'), 'wb')
        self.process = subprocess.Popen(['/usr/sbin/sshd', '-D', '-e', '-f', self.path('config')], stderr=self.log)
        deadline = time.time() + 10
        while time.time() < deadline and not self.answers():
            assert self.process.poll() is None, open(self.path('log')).read()

    def path(self, name):
        return os.path.join(self.folder, name)

    def new_key(self, name):
        run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', self.path(name))
        return self.path(name)

    def pin(self, key):
        kind, text = open(key + '.pub').read().split()[:2]
        with open(self.known_hosts, 'w') as f:
            f.write('[127.0.0.1]:%d %s %s\n' % (self.port, kind, text))

    def answers(self):
        return subprocess.run(['ssh-keyscan', '-T', '1', '-p', str(self.port), '127.0.0.1'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout != b''

    def url(self, path):
        return 'ssh://%s@127.0.0.1:%d%s' % (getpass.getuser(), self.port, path)

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        self.log.close()
