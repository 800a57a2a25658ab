// A standard component of JavaScript: it answers as a service worker does.
addEventListener('fetch', (event) => event.respondWith(answer(event.request)));

async function answer(request) {
  const url = new URL(request.url);
  if (url.pathname === '/echo') {
    return new Response(request.body, { status: 201, headers: { 'x-made-by': 'javascript' } });
  }
  return new Response(`hello from ${url.pathname}`);
}
