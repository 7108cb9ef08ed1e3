// start.js - the start page: what runs, and links to try it. window.edge is data.js.
const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

function row(attempt, number) {
  const plain = attempt.method === 'GET' && attempt.body === '' && Object.keys(attempt.headers).length === 0;
  const http = `http://${location.hostname}:${edge.port}`, https = `https://${location.hostname}:${edge.httpsPort}`;
  const href = plain ? `${attempt.scheme === 'https' && edge.httpsPort ? https : http}${attempt.target}` : `/__edge/#try=${number}`;
  const what = element('span', { className: 'what' }, element('a', { href }, element('code', {}, `${attempt.method} ${attempt.target}`)), ` ${attempt.about}`);
  const more = Object.entries(attempt.headers).map(([name, value]) => `${name}: ${value}`).concat(attempt.body ? [`body: ${attempt.body}`] : []);
  const brief = (text) => (text.length > 90 ? `${text.slice(0, 90)}…` : text);
  if (more.length > 0) what.append(element('span', { className: 'with mono', title: more.join('\n') }, `with ${more.map(brief).join(', ')}`));
  return element('li', {}, what);
}

// The cache behaviors of the settings, in their order.
function behaviors() {
  const cells = (name, texts) => element('tr', {}, ...texts.map((text) => element(name, {}, text)));
  const functions = (list) => list.map(({ type, name, dialect }) => `${type}: ${name}${dialect === 'functions' ? ' (CloudFront Functions)' : ''}`).join(', ') || 'none';
  const rows = edge.behaviors.map(({ pattern, origin, cache, functions: list }) => cells('td', [element('code', {}, pattern), origin, functions(list), cache]));
  return element('div', { className: 'behaviors' }, element('h2', {}, 'Cache behaviors'), element('table', {}, cells('th', ['Path pattern', 'Origin', 'Functions', 'Cache policy']), ...rows));
}

function show() {
  const names = edge.handlers.map(({ name }) => name).join(' + '), about = document.querySelector('#about');
  if (location.pathname === '/') document.title = `${names || 'Settings'}: a local CloudFront`;
  if (edge.behaviors) about.append(behaviors(), element('h2', {}, 'Functions'));
  for (const { name, about: text, more, events, needs, traps } of edge.handlers) {
    const facts = element('dl', { className: 'facts' });
    for (const [term, said] of [['Events', events], ['Needs', needs], ['Traps', traps]])
      if (said) facts.append(element('dt', {}, term), element('dd', {}, said));
    about.append(element('p', { className: edge.behaviors ? '' : 'lead' }, element('code', {}, name), ` ${text}`), ...(edge.behaviors ? [] : [element('p', {}, more)]));
    if (facts.children.length > 0) about.append(element('details', {}, element('summary', {}, 'Events, needs and traps'), facts));
  }
  if (edge.settings) about.append(element('p', { className: 'note' }, `Set here, because its first comment says so: ${edge.settings}.`));
  const list = document.querySelector('#tries');
  list.replaceChildren(...edge.tries.map(row));
  document.querySelector('#trying').hidden = edge.tries.length === 0;
}

if (window.edge && document.querySelector('#see')) document.querySelector('#see').hidden = false;
if (window.edge && (edge.handlers.length > 0 || edge.behaviors)) show();
