"""People hear when a decision is wanted and how a deployment ended, also when their receiver was down for a moment."""
import http.server, json, threading, time

from test_loop import app  # the fixture: a daemon with a repository of its own


class Receiver(http.server.ThreadingHTTPServer):
    def __init__(self, failures):
        super().__init__(('127.0.0.1', 0), Handler)
        self.failures, self.messages = failures, []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def wait_for(self, state, seconds=40):
        deadline = time.time() + seconds
        while time.time() < deadline:
            found = [m for m in self.messages if m['state'] == state]
            if found:
                return found
            time.sleep(0.05)
        raise AssertionError('no message of %s: %s' % (state, self.messages))


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        if self.server.failures > 0:
            self.server.failures -= 1
            self.send_response(503)
        else:
            self.server.messages.append(json.loads(body))
            self.send_response(204)
        self.send_header('Content-Length', '0')
        self.end_headers()

    def log_message(self, *_):
        pass


def test_a_receiver_hears_of_the_decision_and_of_the_end(app):
    receiver = Receiver(failures=1)
    try:
        app.start(extra='notify: [{webhook: {url: {credential: hook}, format: json}}]',
                  credentials={'hook': 'http://127.0.0.1:%d/path-that-is-secret' % receiver.server_address[1]})
        number = app.push('first')
        waiting, = receiver.wait_for('awaiting_approval')
        assert waiting['id'] == number and waiting['environment'] == 'prod' and waiting['url'].endswith('/deployments/%d' % number)
        assert app.approve(number)[0] == 200
        app.daemon.wait_state(number, 'succeeded')
        assert len(receiver.wait_for('succeeded')) == 1
        assert 'path-that-is-secret' not in app.daemon.log_text()
    finally:
        receiver.shutdown()


def test_a_decision_is_told_although_the_daemon_dies_right_after_it(app):
    receiver = Receiver(failures=0)
    try:
        app.start(extra='notify: [{webhook: {url: {credential: hook}, format: json}}]',
                  credentials={'hook': 'http://127.0.0.1:%d/' % receiver.server_address[1]})
        number = app.push('first')
        digest = app.daemon.wait_state(number, 'awaiting_approval')['digest']
        assert app.daemon.request('POST', '/api/v1/deployments/%s/reject' % number, {'digest': digest, 'comment': 'no'}, token='approver')[0] == 200
        app.daemon.kill()
        app.daemon.start()
        assert receiver.wait_for('rejected')[0]['id'] == number
    finally:
        receiver.shutdown()
