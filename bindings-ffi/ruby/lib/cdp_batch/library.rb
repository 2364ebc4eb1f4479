# frozen_string_literal: true

require "ffi"

module CdpBatch
  # Where the C library is: the file that `CDP_BATCH_LIBRARY` names; else beside this file, where a gem for one platform
  # has it; else wherever the system's loader finds it.
  # @api private
  module Library
    # The part of the version that promises the same ABI.
    ABI = VERSION.start_with?("0.") ? VERSION[/\A\d+\.\d+/] : VERSION[/\A\d+/]

    # @param name [String] the library without prefix and suffix; that for tests lies beside the one that is named
    # @return [Array<String>] what to hand to the loader, one after the other until one is found
    def self.candidates(name)
      file = FFI.map_library_name(name)
      named = ENV.fetch("CDP_BATCH_LIBRARY", nil)
      return [name == "cdp_batch" ? named : File.join(File.dirname(named), file)] if named && !named.empty?

      beside = File.join(__dir__, file)
      File.exist?(beside) ? [beside] : ["#{file}.#{ABI}", file]
    end
  end
end
