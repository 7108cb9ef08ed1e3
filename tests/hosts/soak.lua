-- soak.lua - for nginx_soak.sh: the requests that wrk sends, in turn (no HEAD: wrk would wait for a body). Each path contains the expected status: /soak/STATUS/...
local function ask(method, path, orders, body)
    return { method = method, path = path, headers = orders and { ['X-Do'] = orders } or {}, body = body }
end
local kinds = {
    ask('GET', '/soak/200/hit'),
    ask('GET', '/soak/200/miss?n=%d', 'viewer-request set X-A 1'),
    ask('GET', '/soak/404/hit'),
    ask('GET', '/soak/200/edited?b=2&n=%d&a=1', 'viewer-request normalize'),
    ask('GET', '/soak/200/elsewhere?n=%d', 'origin-request origin-header X-B 2'),
    ask('GET', '/soak/403/made', 'viewer-request respond 403 no'),
    ask('GET', '/soak/200/made?n=%d', 'origin-request respond-fill 200 20000'),
    ask('GET', '/soak/302/moved?n=%d', 'origin-request redirect 302 /soak/200/hit'),
    ask('GET', '/soak/200/set?n=%d', 'origin-response set-cookie a 1 Path=/'),
    ask('GET', '/soak/200/new-body?n=%d', 'origin-response body-fill 10000'),
    ask('GET', '/soak/418/status?n=%d', 'origin-response status 418 teapot'),
    ask('GET', '/soak/200/out', 'viewer-response set X-C 3'),
    ask('GET', '/soak/503/fails', 'viewer-request fail'),
    ask('GET', '/soak/503/fails-there?n=%d', 'origin-request fail'),
    ask('GET', '/soak/503/fails-back?n=%d', 'origin-response fail'),
    ask('GET', '/soak/503/fails-out', 'viewer-response fail'),
    ask('GET', '/soak/502/illegal', 'viewer-request set Via 1'),
    ask('GET', '/soak/502/illegal-out', 'viewer-response set Via 1'),
    ask('POST', '/soak/200/posted', nil, ('x'):rep(3000)),
    ask('POST', '/soak/200/posted-other', 'viewer-request body-fill 30000', ('x'):rep(50000)),
    ask('PUT', '/soak/200/posted-none', 'origin-request body-drop', 'abc'),
    ask('GET', '/soak/200/much-memory?n=%d', 'viewer-request need 200000'),
}
local n = math.floor(os.time() % 1000) * 10000000

function setup(thread) thread:set('first', math.random(1, 1000000) * 1000) end

function request()
    n = n + 1
    local kind = kinds[n % #kinds + 1]
    return wrk.format(kind.method, kind.path:format(first + n), kind.headers, kind.body)
end
