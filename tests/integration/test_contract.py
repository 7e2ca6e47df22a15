"""Requests made at random from the API's own description: whatever comes, the answer is one that the description knows."""
import json, os, random, urllib.parse

import pytest

from conftest import push_payload

SEED = int(os.environ.get('SEED', random.randrange(1 << 32)))
REQUESTS = int(os.environ.get('REQUESTS', 3000))
TEXTS = ['', 'prod', 'nowhere', 'ann/web', 'main', 'refs/heads/main', 'x' * 300, 'é\u202e\x00', '<b>', "'; DROP TABLE deployments", '-1', '../..', 'awaiting_approval', '0' * 64]
ODD = [None, True, -1, 0, 1 << 63, 1.5, '', [], {}, [[[]]], {'a': {'b': []}}, 'x']
NUMBERS = ['0', '1', '2', '999', '-1', '9223372036854775808', '1e3', '01', 'x', '%2e%2e', '%F0%9F%98%80', '1%00', '']


def value_of(schema, dice):
    if dice.random() < 0.2:
        return dice.choice(ODD)
    if schema['type'] == 'array':
        return [value_of(schema['items'], dice) for _ in range(dice.randrange(4))]
    return dice.choice(TEXTS)


def body_of(operation, dice):
    schema = operation.get('requestBody', {}).get('content', {}).get('application/json', {}).get('schema', {'properties': {}, 'required': []})
    shape = dice.random()
    if shape < 0.1:
        return dice.choice(['', '{', '[]', 'null', '{"a": 1, "a": 2}', '[' * 200, '{"digest": "\\ud800"}', '\xff', '{}x'])
    body = {name: value_of(one, dice) for name, one in schema['properties'].items() if name in schema['required'] or dice.random() < 0.5}
    if dice.random() < 0.15:
        body[dice.choice(TEXTS)] = dice.choice(ODD)
    if body and dice.random() < 0.1:
        body.pop(dice.choice(sorted(body)))
    return json.dumps(body)


def query_of(operation, dice):
    wanted = [p for p in operation.get('parameters', []) if p['in'] == 'query' and dice.random() < 0.4]
    return '?' + '&'.join('%s=%s' % (p['name'], urllib.parse.quote(dice.choice(TEXTS + NUMBERS[:6] + ['20', '201']))) for p in wanted) if wanted else ''


def must_fit(answer, status, operation, what):
    family = '%dXX' % (status // 100)
    assert status < 500, (what, answer)
    assert family in operation['responses'] or status in (401, 404), (what, status, answer)
    if status >= 400:
        assert isinstance(answer, dict) and {'type', 'title', 'status', 'code', 'message', 'retryable'} <= set(answer), (what, answer)
        assert answer['status'] == status and answer['code'] and '\n' not in answer['message'], (what, answer)


def test_every_request_gets_an_answer_that_was_described(repository, make_daemon):
    daemon = make_daemon(repository, None)
    daemon.start()
    repository.write('helmfile.yaml', 'releases: []\n')
    assert daemon.deliver('push', push_payload(repository.name, '0' * 40, repository.push('first')))[0] == 202
    paths = daemon.request('GET', '/api/v1/openapi.json')[1]['paths']
    operations = [(path, method, operation) for path, methods in sorted(paths.items()) for method, operation in sorted(methods.items())
                  if path != '/webhooks/github' and not path.endswith('/events') and not path.endswith('.json')]
    dice, seen = random.Random(SEED), {}
    for number in range(REQUESTS):
        path, method, operation = dice.choice(operations)
        url = path.replace('{id}', dice.choice(NUMBERS)).replace('{name}', dice.choice(['prod', 'nowhere', '%3Cb%3E', 'x' * 200])).replace('{environment}', 'prod') + query_of(operation, dice)
        headers = {'Content-Type': dice.choice(['application/json'] * 6 + ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=utf-8'])} if method == 'post' else {}
        if dice.random() < 0.2:
            headers['Idempotency-Key'] = dice.choice(['a', 'b', 'x' * 300, '"'])
        if dice.random() < 0.2:
            headers['Accept'] = dice.choice(['text/plain', 'application/json', 'image/png', '*/*;q=0', ','])
        body = body_of(operation, dice).encode('utf-8', 'surrogatepass') if method == 'post' else None
        token = dice.choice(['viewer', 'approver', 'operator', 'admin', 'admin', 'admin'])
        status, answer = daemon.request(method.upper(), url, body, headers, token=token)
        what = 'SEED=%d request %d: %s %s %s %s as %s' % (SEED, number, method, url, headers, body, token)
        must_fit(answer, status, operation, what)
        seen[status // 100] = seen.get(status // 100, 0) + 1
    assert seen[2] > REQUESTS / 10 and seen[4] > REQUESTS / 10, seen
    assert daemon.request('GET', '/healthz')[0] == 200
    assert 'exception' not in daemon.log_text()
    assert daemon.run('audit', 'verify', '-c', daemon.config).returncode == 0
