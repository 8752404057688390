defmodule Hello.MixProject do
  use Mix.Project

  def project do
    [app: :hello, version: "1.0.0", elixir: "~> 1.15", start_permanent: Mix.env() == :prod, deps: []]
  end

  def application do
    [mod: {Hello, []}, extra_applications: [:logger, :crypto]]
  end
end
