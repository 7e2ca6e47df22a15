"""GitHub hears how deployments go: statuses of the commit, and deployments with statuses of their own. The server here answers as
GitHub's documentation says."""
import http.server, json, threading, time

from test_loop import app  # noqa: F401  (the fixture)


class GitHub(http.server.ThreadingHTTPServer):
    def __init__(self):
        super().__init__(('127.0.0.1', 0), Handler)
        self.statuses, self.deployments, self.failures, self.silent, self.tokens = [], [], [], threading.Event(), set()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def states(self):
        return [status['state'] for status in self.statuses], [[s['state'] for s in one['statuses']] for one in self.deployments]

    def wait_for(self, what, seconds=60):
        deadline = time.time() + seconds
        while not what():
            assert time.time() < deadline, self.states()
            time.sleep(0.05)


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header('Content-Length', str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self):
        query = dict(part.split('=') for part in self.path.split('?')[1].split('&'))
        found = [one for one in self.server.deployments if one['ref'] == query['sha'] and one['environment'] == query['environment']]
        self.answer(200, found)

    def do_POST(self):
        github = self.server
        body = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
        github.tokens.add(self.headers['Authorization'])
        if github.failures:
            status = github.failures.pop()
            return self.answer(status, {'message': 'failed as the test wants'})
        parts = self.path.split('/')
        if parts[-2] == 'statuses':
            github.statuses.append(dict(body, sha=parts[-1]))
        elif parts[-1] == 'statuses':
            github.deployments[int(parts[-2]) - 1]['statuses'].append(body)
        else:
            github.deployments.append(dict(body, id=len(github.deployments) + 1, statuses=[]))
            if github.silent.is_set():
                time.sleep(3600)  # made, and its answer never comes
            return self.answer(201, {'id': len(github.deployments)})
        self.answer(201, {'id': 1})

    def log_message(self, *_):
        pass


def start(app, github, report='[status, deployment]'):
    where = '    token: {credential: github_token}\n    github: {report: %s, api: "http://127.0.0.1:%d"}\n' % (report, github.server_address[1])
    app.start(extra_repository=where, credentials={'github_token': 'ghp_canary'})


def test_github_hears_of_each_step_in_order(app):
    github = GitHub()
    start(app, github)
    done = app.deploy('first')
    github.wait_for(lambda: github.states()[1] and github.states()[1][0][-1:] == ['success'] and github.states()[0][-1:] == ['success'])
    statuses, deployments = github.states()
    assert set(statuses[:-1]) == {'pending'} and deployments == [['pending', 'pending', 'queued', 'in_progress', 'success']]
    last = github.statuses[-1]
    assert last['sha'] == app.head and last['context'] == 'sluice/prod' and last['description'] == 'deployed'
    assert last['target_url'].endswith('/deployments/%d' % done['id'])
    one = github.deployments[0]
    assert one['ref'] == app.head and one['environment'] == 'prod' and one['auto_merge'] is False and one['required_contexts'] == []
    assert github.tokens == {'Bearer ghp_canary'} and 'ghp_canary' not in app.daemon.log_text()


def test_what_failed_at_github_is_told_again_and_holds_up_no_deployment(app):
    github = GitHub()
    github.failures = [502]
    start(app, github, '[status]')
    app.deploy('first')
    github.wait_for(lambda: github.states()[0][-1:] == ['success'])
    assert github.deployments == [] and github.statuses[0]['description'] == 'planning', 'in order, although the first try failed'


def test_what_github_refuses_is_not_repeated(app):
    github = GitHub()
    github.failures = [403] * 5
    start(app, github, '[status]')
    app.deploy('first')
    github.wait_for(lambda: not github.failures)
    text = app.daemon.log_text()
    assert 'GitHub answered 403: failed as the test wants' in text and '"gives_up":true' in text


def test_a_deployment_whose_answer_was_lost_in_a_crash_is_found_again(app):
    github = GitHub()
    github.silent.set()
    start(app, github, '[deployment]')
    number = app.push('first')
    github.wait_for(lambda: github.deployments)
    app.daemon.kill()
    github.silent.clear()
    app.daemon.start()
    assert app.approve(number)[0] == 200
    app.daemon.wait_state(number, 'succeeded')
    github.wait_for(lambda: github.states()[1][0][-1:] == ['success'])
    assert len(github.deployments) == 1, github.deployments


def test_a_rejection_reaches_github(app):
    github = GitHub()
    start(app, github)
    number = app.push('first')
    digest = app.daemon.wait_state(number, 'awaiting_approval')['digest']
    assert app.daemon.request('POST', '/api/v1/deployments/%s/reject' % number, {'digest': digest, 'comment': 'not on a Friday'}, token='approver')[0] == 200
    github.wait_for(lambda: github.states()[0][-1:] == ['failure'] and github.states()[1][0][-1:] == ['failure'])
    assert github.statuses[-1]['description'].startswith('rejected')
