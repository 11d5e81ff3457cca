// What Bluesky's own client library makes clickable. Reads a JSON list of texts, and answers with a list of facets as
// the library finds them: byteStart, byteEnd, the feature's type and its value.
import { readFileSync } from 'node:fs'
import { RichText } from '@atproto/api'

function found(text) {
  const rich = new RichText({ text })
  rich.detectFacetsWithoutResolution()
  return (rich.facets ?? []).map(({ index, features: [feature] }) => [
    index.byteStart,
    index.byteEnd,
    feature.$type.split('#')[1],
    feature.uri ?? feature.tag ?? feature.did,
  ])
}

const texts = JSON.parse(readFileSync(0, 'utf8'))
process.stdout.write(JSON.stringify(texts.map(found)))
