// Another client reads an account's posts: Bluesky's own library, which checks each record against its lexicon.
//
// node pds_reader.mjs <server> <did>   prints a JSON list, oldest first: uri, whether it is a valid post, its words cut
// into segments, how many images or items it shows, and which post it answers.
import { AppBskyEmbedGallery, AppBskyEmbedImages, AppBskyFeedPost, AtpAgent, RichText } from '@atproto/api'

const [service, repo] = process.argv.slice(2)
const agent = new AtpAgent({ service })
const collection = 'app.bsky.feed.post'
const { data } = await agent.com.atproto.repo.listRecords({ repo, collection, limit: 100, reverse: true })

function read({ uri, value }) {
  const { success } = AppBskyFeedPost.validateRecord(value)
  const rich = new RichText({ text: value.text, facets: value.facets })
  return {
    uri,
    valid: success,
    segments: [...rich.segments()].map((one) => [
      one.text,
      one.link?.uri ?? one.mention?.did ?? one.tag?.tag ?? null,
    ]),
    images: AppBskyEmbedImages.isMain(value.embed)
      ? value.embed.images.length
      : AppBskyEmbedGallery.isMain(value.embed)
        ? value.embed.items.length
        : 0,
    parent: value.reply?.parent.uri ?? null,
  }
}

console.log(JSON.stringify(data.records.map(read)))
