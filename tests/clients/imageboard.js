// Lets the package "imageboard" read the archive whose address is the argument: a question per line, an answer per line.
// The archive is described to it as its documentation says, as a site of its own that speaks 4chan's interface.

import readline from 'node:readline'
import Imageboard from 'imageboard/node'

const base = process.argv[2]

function api(path, ...names) {
  return { method: 'GET', url: base + path, urlParameters: names.map((name) => ({ name })) }
}

const site = Imageboard({
  id: 'koiwai',
  domain: new URL(base).host,
  engine: '4chan',
  api: {
    getBoards: api('/boards.json'),
    getThreads: api('/{boardId}/catalog.json', 'boardId'),
    getThreadsWithLatestComments: api('/{boardId}/catalog.json', 'boardId'),
    getThread: api('/{boardId}/thread/{threadId}.json', 'boardId', 'threadId')
  },
  boardUrl: '/{boardId}/',
  threadUrl: '/{boardId}/thread/{threadId}',
  commentUrl: '/{boardId}/thread/{threadId}#p{commentId}',
  attachmentUrl: `${base}/{boardId}/{name}{ext}`,
  attachmentThumbnailUrl: `${base}/{boardId}/{name}s.jpg`,
  defaultAuthorName: 'Anonymous',
  capcodes: { admin: 'administrator', mod: 'moderator' }
}, {
  messages: {
    thread: { default: 'Thread' },
    comment: { deleted: 'Deleted comment', external: 'Comment from another thread', default: 'Comment' }
  }
})

async function fetched(url) {
  const answer = await fetch(url)
  const bytes = Buffer.from(await answer.arrayBuffer())
  return { status: answer.status, body: bytes.toString('base64') }
}

const questions = {
  boards: async () => (await site.getBoards()).boards,
  catalog: async (boardId) => (await site.getThreads({ boardId })).threads,
  latest: async (boardId) => (await site.getThreads({ boardId, withLatestComments: true })).threads,
  thread: async (boardId, threadId) => (await site.getThread({ boardId, threadId })).thread,
  missing: (boardId, threadId) => site.getThread({ boardId, threadId }).then(() => null, (error) => error.status),
  fetched
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const [name, ...parameters] = JSON.parse(line)
  let said
  try {
    said = { answer: await questions[name](...parameters) }
  } catch (error) {
    said = { failed: error.stack }
  }
  process.stdout.write(JSON.stringify(said) + '\n')
}
