# frozen_string_literal: true

# Every test of the gem: ruby -w -Ilib test/all.rb

Dir.glob("*_test.rb", base: __dir__).sort.each { |file| require_relative file }
