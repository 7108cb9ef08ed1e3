-- measure.lua - for measure.sh: ab_test.c and add_security_headers.c, written for Lua.
local m = {}

function m.uri()
    if ngx.var.uri ~= '/experiment-pixel.jpg' then return end
    local group
    for name, value in (ngx.var.http_cookie or ''):gmatch('%s*([^=;]+)=([^;]*)') do
        if name == 'X-Experiment-Name' and (value == 'A' or value == 'B') then group = value break end
    end
    if not group then group = math.random() < 0.75 and 'A' or 'B' end
    ngx.req.set_uri(group == 'A' and '/experiment-group/control-pixel.jpg' or '/experiment-group/treatment-pixel.jpg')
end

function m.headers()
    local out = ngx.header
    out['Strict-Transport-Security'] = 'max-age=63072000; includeSubdomains; preload'
    out['Content-Security-Policy'] = "default-src 'none'; img-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; frame-ancestors 'none'"
    out['X-Content-Type-Options'] = 'nosniff'
    out['X-Frame-Options'] = 'DENY'
    out['X-XSS-Protection'] = '1; mode=block'
    out['Referrer-Policy'] = 'same-origin'
end

return m
