require "sinatra/base"

class App < Sinatra::Base
  # Any host: the platform's router decides which reach the app.
  set :host_authorization, permitted_hosts: []

  get("/") { "hello from Ruby #{RUBY_VERSION[/\d+\.\d+/]}, #{ENV.fetch("RACK_ENV")}\n" }
  get("/größe") { "übergroß\n" }
end
