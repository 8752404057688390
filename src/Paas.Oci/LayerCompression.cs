using System.ComponentModel;
using System.Diagnostics;
using System.IO.Compression;

namespace Paas.Oci;

/// <summary>The tar inside a layer, whatever it is compressed with; told by the first bytes, because media types lie.</summary>
internal abstract class LayerCompression : IDisposable
{
    public abstract Stream Stream { get; }

    public static LayerCompression Open(Stream layer)
    {
        var head = new byte[4];
        var length = layer.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        var whole = new PrefixedStream(head.AsMemory(0, length), layer);
        return head switch
        {
            [0x1F, 0x8B, ..] => new Plain(new GZipStream(whole, CompressionMode.Decompress)),
            [0x28, 0xB5, 0x2F, 0xFD] => new Zstd(whole),
            _ => new Plain(whole),
        };
    }

    /// <summary>After the end of the stream: was it the real end?</summary>
    public virtual void Finish()
    {
    }

    public abstract void Dispose();

    private sealed class Plain(Stream stream) : LayerCompression
    {
        public override Stream Stream => stream;

        public override void Dispose() => stream.Dispose();
    }

    /// <summary>.NET 10 has no zstd of its own; the distribution's program has, and apt patches it.</summary>
    private sealed class Zstd : LayerCompression
    {
        private readonly Process _process;
        private readonly Thread _feed;

        public Zstd(Stream compressed)
        {
            try
            {
                _process = Process.Start(new ProcessStartInfo("zstd", ["--decompress", "--stdout", "-qq"])
                {
                    RedirectStandardInput = true,
                    RedirectStandardOutput = true,
                })!;
            }
            catch (Win32Exception)
            {
                throw new InvalidDataException("The layer is compressed with zstd, which this server cannot unpack: install the package 'zstd' (apt install zstd).");
            }

            _feed = new Thread(() => Feed(compressed)) { IsBackground = true, Name = "zstd input" };
            _feed.Start();
        }

        public override Stream Stream => _process.StandardOutput.BaseStream;

        public override void Finish()
        {
            _process.WaitForExit();
            if (_process.ExitCode != 0)
            {
                throw new InvalidDataException($"The layer is refused: zstd could not decompress it (exit code {_process.ExitCode}).");
            }
        }

        public override void Dispose()
        {
            if (!_process.HasExited)
            {
                _process.Kill();
            }

            _process.WaitForExit();
            _feed.Join();
            _process.Dispose();
        }

        private void Feed(Stream compressed)
        {
            try
            {
                using var input = _process.StandardInput.BaseStream;
                compressed.CopyTo(input, 256 << 10);
            }
            catch (IOException)
            {
                // zstd ended early; its exit code tells.
            }
        }
    }
}
