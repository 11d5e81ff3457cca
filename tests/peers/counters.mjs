// The platforms' own counters: X's library, and the segmenter that Bluesky's server counts with. Reads a JSON list of
// texts, and answers with a list of [weighted length, grapheme clusters]. The second is null for a text with characters
// that this Node's Unicode does not know yet: ours may.
import { readFileSync } from 'node:fs'
import twitter from 'twitter-text'

const segmenter = new Intl.Segmenter()

function graphemes(text) {
  if (/\p{Cn}/u.test(text)) return null
  return [...segmenter.segment(text)].length
}

const texts = JSON.parse(readFileSync(0, 'utf8'))
process.stdout.write(JSON.stringify(texts.map((text) => [twitter.parseTweet(text).weightedLength, graphemes(text)])))
