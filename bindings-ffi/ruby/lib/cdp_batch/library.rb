# frozen_string_literal: true

require "ffi"

module CdpBatch
  # Where the C library is: the file that `CDP_BATCH_LIBRARY` names; else beside this file, where a gem for one platform
  # has it; else wherever the system's loader finds it.
  # @api private
  module Library
    # The part of the version that promises the same ABI.
    ABI = VERSION.start_with?("0.") ? VERSION[/\A\d+\.\d+/] : VERSION[/\A\d+/]

    # @param native [Module] extends `FFI::Library`
    # @param name [String] the library without prefix and suffix; that for tests lies beside the one that is named
    # @raise [LoadError] it is in none of these places
    def self.load(native, name)
      native.ffi_lib(candidates(name))
    rescue LoadError => error
      raise LoadError, "#{error.message.lines(chomp: true).first} Set CDP_BATCH_LIBRARY to the file of libcdp_batch."
    end

    # @return [Array<String>] what to hand to the loader, one after the other until one is found
    def self.candidates(name)
      file = FFI.map_library_name(name)
      named = ENV.fetch("CDP_BATCH_LIBRARY", "")
      return [name == "cdp_batch" ? named : File.join(File.dirname(named), file)] unless named.empty?

      beside = File.join(__dir__, file)
      File.exist?(beside) ? [beside] : ["#{file}.#{ABI}", file]
    end
    private_class_method :candidates
  end
end
