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

  # A thread that is in the middle of a call: it runs the block, which says so by calling what it is given.
  def in_thread
    ready = Queue.new
    thread = Thread.new do
      Thread.current.report_on_exception = false
      yield -> { ready << true }
    end
    ready.pop
    thread
  end

  def seconds
    start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    yield
    Process.clock_gettime(Process::CLOCK_MONOTONIC) - start
  end
end
