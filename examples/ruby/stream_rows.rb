# frozen_string_literal: true

# Upload rows as they come, from a query for instance, without a file in between.

require "cdp_batch"

# Stands for a database.
rows = (1..1_000).lazy.map do |number|
  {
    guestType: "customer",
    email: "customer#{number}@example.com",
    identifiers: [{ provider: "CRM", id: "C-#{number}" }]
  }
end

CdpBatch::Client.open do |client|
  # The rows are bare values. Schema and mode make records of them, and a guest's ref is made from the e-mail address, so
  # that it is the same tomorrow. Rows are asked for no faster than they are packed.
  report = client.upload(rows, schema: "guest", mode: "upsert", ref_field: "email")

  puts "#{report.counts.confirmed} of #{report.counts.read} rows are confirmed"
end
