# frozen_string_literal: true

# Upload a file and wait until the service has confirmed it.

require "cdp_batch"

# Reads CDP_REGION (or CDP_BASE_URL), CDP_CLIENT_KEY and CDP_API_TOKEN.
CdpBatch::Client.open do |client|
  # NDJSON, a JSON array or pretty-printed JSON; plain or gzip. Every record must be confirmed, or this raises.
  report = client.upload("examples/data/guests.ndjson")

  puts "#{report.counts.confirmed} of #{report.counts.read} guests are confirmed"
  report.batches.each { |batch| puts "one batch of #{batch.records} records: #{batch.status}" }
end
