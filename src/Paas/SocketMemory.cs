using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace Paas;

/// <summary>The memory that Kestrel receives into and sends from. Its own pool hands out 4 KB: a push of an image is then one system call for
/// each 4 KB at both ends of both hops.</summary>
/// <remarks>A connection that waits holds none of it.</remarks>
internal sealed class SocketMemory : IMemoryPoolFactory<byte>
{
    /// <summary>Bytes: half the CPU time of 4 KB at both ends, and larger ones gain little.</summary>
    private const int BlockSize = 64 << 10;

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new Pool();

    private sealed class Pool : MemoryPool<byte>
    {
        /// <summary>Blocks that are kept for the next; a crowd's are the garbage collector's afterwards.</summary>
        private const int MostKept = 32;

        private readonly Lock _gate = new();
        private readonly Block[] _kept = new Block[MostKept];
        private int _count;

        public override int MaxBufferSize => BlockSize;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
            lock (_gate)
            {
                // The last one that came back is still in the processor's cache.
                if (_count > 0)
                {
                    return _kept[--_count];
                }
            }

            return new Block(this);
        }

        protected override void Dispose(bool disposing)
        {
        }

        private void Return(Block block)
        {
            lock (_gate)
            {
                if (_count < MostKept)
                {
                    _kept[_count++] = block;
                }
            }
        }

        private sealed class Block(Pool pool) : IMemoryOwner<byte>
        {
            public Memory<byte> Memory { get; } = GC.AllocateUninitializedArray<byte>(BlockSize, pinned: true);

            public void Dispose() => pool.Return(this);
        }
    }
}
