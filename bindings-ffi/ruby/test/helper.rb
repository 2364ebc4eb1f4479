# frozen_string_literal: true

require "minitest/autorun"
require "cdp_batch/testing"
require "tmpdir"

# What the tests share. A test is named by a sentence.
class CdpTest < Minitest::Test
  GUESTS = File.expand_path("../../../examples/data/guests.ndjson", __dir__)
  FAULTY = File.expand_path("../../../examples/data/guests-with-faults.ndjson", __dir__)

  def self.test(sentence, &body)
    define_method("test_ #{sentence}", &body)
  end

  # The values of guests, to be uploaded with `BARE`.
  def self.guests(count)
    (1..count).map do |number|
      { guestType: "customer", email: "guest#{number}@example.com", identifiers: [{ provider: "CRM", id: "G#{number}" }] }
    end
  end

  BARE = { schema: "guest", mode: "upsert", ref_field: "email" }.freeze

  # An emulator with a client of it, for the length of the block.
  def with_emulator(client: {}, **settings)
    CdpBatch::Testing::Emulator.open(**settings) do |emulator|
      yield emulator.client(**client), emulator
    end
  end

  # A service that never finishes what it was sent.
  def with_stuck_emulator(client: {}, &block)
    with_emulator(records_per_second: 0.001, client: client, &block)
  end

  # The values of the records that arrived.
  def values(emulator)
    emulator.arrived.map { |arrived| JSON.parse(arrived.text).fetch("value") }
  end

  # Waits until a call knows that its file is stored: it then asks for the end of processing, and hears that the batch
  # exists. That the emulator has answered the upload would be too early, for the call may not have heard it yet; so would
  # any other answer of `inspect`, which a run with an id is given before it sends anything.
  def until_uploaded(emulator)
    Thread.pass until emulator.requests.any? { |request| request.endpoint == "inspect" && request.status == 200 }
  end
end
