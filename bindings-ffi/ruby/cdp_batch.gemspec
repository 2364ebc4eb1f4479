# frozen_string_literal: true

require_relative "lib/cdp_batch/version"

Gem::Specification.new do |gem|
  gem.name = "cdp_batch"
  gem.version = CdpBatch::VERSION
  gem.summary = "Moves guest and order data into Sitecore CDP through its Batch API"
  gem.description = "Checks, packs, uploads, waits until every record is processed, and explains each one that was refused."
  gem.authors = ["the cdp-batch developers"]
  gem.licenses = ["MIT", "Apache-2.0"]
  gem.required_ruby_version = ">= 3.1"
  gem.add_dependency "ffi", "~> 1.15"

  # With the library beside the code it is a gem for one platform; without, one for all that find the library elsewhere.
  libraries = Dir.glob("lib/cdp_batch/libcdp_batch{,_testing}.{so,dylib}", base: __dir__)
  gem.platform = Gem::Platform.local unless libraries.empty?
  gem.files = Dir.glob("lib/**/*.rb", base: __dir__) + libraries + ["README.md"]
  gem.metadata["rubygems_mfa_required"] = "true"
end
