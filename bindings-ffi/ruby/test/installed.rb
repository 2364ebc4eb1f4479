# frozen_string_literal: true

# A stranger's program, with the gem as it is installed.

require "cdp_batch"
require "cdp_batch/testing"

CdpBatch::Testing::Emulator.open do |emulator|
  report = emulator.client.upload("examples/data/guests.ndjson")
  abort "not every record is confirmed: #{report.inspect}" unless report.ok? && emulator.arrived.size == report.counts.read
end
abort "the gem is not the installed one" unless Gem.loaded_specs.fetch("cdp_batch").full_gem_path.start_with?(Gem.dir)
