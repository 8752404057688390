defmodule Hello do
  @moduledoc "A small HTTP server of its own: shows that a release runs without Elixir beside it."
  use Application

  @impl true
  def start(_type, _args) do
    port = String.to_integer(System.get_env("PORT", "8080"))
    {:ok, socket} = :gen_tcp.listen(port, [:binary, packet: :http_bin, active: false, reuseaddr: true])
    Supervisor.start_link([{Task, fn -> accept(socket) end}], strategy: :one_for_one)
  end

  defp accept(socket) do
    {:ok, client} = :gen_tcp.accept(socket)
    spawn(fn -> answer(client) end)
    accept(socket)
  end

  defp answer(client) do
    case :gen_tcp.recv(client, 0) do
      {:ok, :http_eoh} ->
        body = "hello from Elixir #{System.version()}, #{Base.encode16(:crypto.hash(:sha256, "x"), case: :lower) |> String.slice(0, 8)}\n"
        :gen_tcp.send(client, "HTTP/1.1 200 OK\r\nContent-Length: #{byte_size(body)}\r\nConnection: close\r\n\r\n#{body}")
        :gen_tcp.close(client)

      {:ok, _} ->
        answer(client)

      {:error, _} ->
        :ok
    end
  end
end
