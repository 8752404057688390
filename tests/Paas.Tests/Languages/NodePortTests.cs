using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Paas.Languages;

/// <summary>Node apps whose source says which port: what is found there, and where they listen in spite of it.</summary>
public sealed class NodePortTests
{
    private const string Sourced = "layers=$CNB_LAYERS_DIR; . \"$CNB_BUILDPACK_DIR/bin/port.sh\"; process=(node server.js) needs_node=true\n";

    /// <summary>Each line listens once, says where, and makes room for the next.</summary>
    private const string Listening = """
        const http = require("node:http"), net = require("node:net");
        const [written, other] = [process.env.PAAS_WRITTEN_PORT, process.env.OTHER_PORT].map(Number);
        const cases = [
          server => server.listen(other, "127.0.0.1"),
          server => server.listen(written, "127.0.0.1", 16),
          server => server.listen(written),
          server => server.listen(`${written}`),
          server => server.listen(written, "localhost"),
          server => server.listen({ port: written, host: "::1" }),
          server => server.listen({ port: written, host: "127.0.0.1", exclusive: true }),
        ].slice(0, process.env.PORT ? 7 : 2);
        (async () => {
          for (const make of [() => http.createServer(), () => net.createServer()]) {
            for (const listen of cases) {
              await new Promise(done => {
                const server = listen(make());
                server.on("listening", () => {
                  const { address, port } = server.address();
                  console.log(`${address} ${port}`);
                  server.close(done);
                });
              });
            }
          }
        })();
        """;

    [Theory]
    [InlineData("server.js", "require('http').createServer().listen(3000)", "3000")]
    [InlineData("src/index.ts", "const port: number = 8000;\napp.listen(port, () => {});", "8000")]
    [InlineData("server.mjs", "const PORT = 4000\nfastify.listen({ port: 4000 })", "4000")]
    [InlineData("server.js", "const port = 5000;\nserver.listen({ port })", "5000")]
    [InlineData("server.js", "app.listen(process.env.PORT || 3000)", "")]
    [InlineData("server.js", "const { PORT = 3000 } = process.env;\napp.listen(PORT)", "")]
    [InlineData("server.js", "const { HOST, PORT: port } = process.env;\nconst x = 1, port2 = 3;\napp.listen(port)", "")]
    [InlineData("server.js", "app.listen(config.get('port'));\nother.listen(3000)", "")]
    [InlineData("test/server.js", "app.listen(3000)", "")]
    [InlineData("node_modules/x/server.js", "app.listen(3000)", "")]
    [InlineData("server.js", "app.listen()", "")]
    public void A_port_in_the_source_is_found_where_the_app_never_asks_for_one(string file, string text, string number)
    {
        using var shell = new BuildpackShell("node").With(file, text);
        var (code, _, error) = shell.Run(Sourced + "move_written_port");
        var layer = Path.Combine(shell.Layers, "port");
        Assert.Equal(0, code);
        if (number.Length == 0)
        {
            Assert.Equal(("", false), (error, Directory.Exists(layer)));
            return;
        }

        Assert.Equal($"WARNING: {file} names port {number} itself: it is moved to the port that the platform gives. Write process.env.PORT ?? {number} there.\n", error);
        Assert.Equal(number, File.ReadAllText(Path.Combine(layer, "env.launch/PAAS_WRITTEN_PORT.default")));
        Assert.Equal($"--require={layer}/port.cjs", File.ReadAllText(Path.Combine(layer, "env.launch/NODE_OPTIONS.append")));
        Assert.Equal("[types]\nlaunch = true\n", File.ReadAllText(layer + ".toml"));
    }

    [Fact]
    public async Task Node_listens_on_the_given_port_wherever_the_written_one_is_asked_for()
    {
        var (written, other, given) = (FreePort(), FreePort(), FreePort());
        List<string> moved = [$"127.0.0.1 {other}", .. Enumerable.Repeat($"0.0.0.0 {given}", 6)];
        Assert.Equal(moved.Concat(moved), await ListenAsync(written, other, given));

        List<string> kept = [$"127.0.0.1 {other}", $"127.0.0.1 {written}"];
        Assert.Equal(kept.Concat(kept), await ListenAsync(written, other, ""));
    }

    /// <summary>Where each case listens, as the app sees it; all addresses of both families are 0.0.0.0.</summary>
    private static async Task<string[]> ListenAsync(string written, string other, string given)
    {
        var start = new ProcessStartInfo("node", ["--require", Repository.PathOf("buildpacks/node/bin/port.cjs"), "--eval", Listening])
        {
            RedirectStandardOutput = true,
            Environment = { ["PAAS_WRITTEN_PORT"] = written, ["OTHER_PORT"] = other, ["PORT"] = given, ["NODE_OPTIONS"] = "" },
        };
        using var node = Process.Start(start)!;
        var said = await node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        return said.TrimEnd('\n').Replace(":: ", "0.0.0.0 ", StringComparison.Ordinal).Split('\n');
    }

    private static string FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
    }
}
