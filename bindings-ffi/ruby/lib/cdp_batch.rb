# frozen_string_literal: true

# Moves guest and order data into Sitecore CDP through its Batch API: checks, packs, uploads, waits until every record is
# processed, and explains each one that was refused.
#
#   CdpBatch::Client.open(region: "eu", client_key: key, api_token: token) do |client|
#     report = client.upload("guests.ndjson")
#     puts report.counts.confirmed
#   end
#
# Everything that fails raises a {CdpBatch::Error}.
module CdpBatch
end

require "cdp_batch/version"
require "cdp_batch/error"
require "cdp_batch/errors"
require "cdp_batch/native"
require "cdp_batch/value"
require "cdp_batch/row"
require "cdp_batch/source"
require "cdp_batch/call"
require "cdp_batch/reject"
require "cdp_batch/report"
require "cdp_batch/info"
require "cdp_batch/run"
require "cdp_batch/writer"
require "cdp_batch/batch"
require "cdp_batch/client"
