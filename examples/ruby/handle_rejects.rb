# frozen_string_literal: true

# Look at every refused record, and keep them in a file to fix and send again.

require "cdp_batch"
require "tmpdir"

begin
  CdpBatch::Client.open { |client| client.upload("examples/data/guests-with-faults.ndjson") }
  puts "every record is confirmed"
rescue CdpBatch::RecordsRejectedError => error
  # Whatever ended the run, what is known of it comes with the exception.
  report = error.report
  puts "#{error.code}: #{report.counts.confirmed} of #{report.counts.read} records are confirmed"
  report.each_reject { |reject| puts "#{reject.source}:#{reject.line}: #{reject.code}: #{reject.message}" }

  # Exactly as they were read, so that the file can be corrected and uploaded.
  path = File.join(Dir.tmpdir, "rejects.ndjson")
  puts "#{report.write_rejects(path)} rejects are written"
end
