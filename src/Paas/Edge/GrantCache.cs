using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Primitives;
using Paas.State;

namespace Paas.Edge;

/// <summary>What control granted a moment ago, by address and credentials, so that a crowd that pulls one image does not ask control for
/// each piece (docs/decisions/registry-grants.md). Nothing in it outlives a change in control's database.</summary>
/// <param name="epochFile">Control's; while it is not there nothing is kept.</param>
internal sealed class GrantCache(string epochFile, TimeProvider time) : IDisposable
{
    /// <summary>One grant more and all of them are forgotten: they are of some seconds anyway.</summary>
    public const int MostGrants = 4096;

    /// <summary>Of their content and addresses.</summary>
    public const int MostBytes = 16 << 20;

    private static readonly TimeSpan SweepAfter = TimeSpan.FromSeconds(6);
    private readonly Lock _opening = new();
    private volatile ChangeEpoch? _epoch;
    private volatile Shelf? _shelf;
    private ITimer? _sweep;

    /// <summary>Grants that are kept at the moment.</summary>
    internal int Count => _shelf?.Grants.Count ?? 0;

    /// <summary>Null: ask control.</summary>
    public Grant? Find(string target, StringValues authorization)
    {
        if (_shelf is not { } shelf || _epoch is not { } epoch || !shelf.Grants.TryGetValue(Key.Of(target, authorization), out var grant))
        {
            return null;
        }

        return grant.Epoch == epoch.Current && time.GetTimestamp() < grant.Expires ? grant : null;
    }

    /// <summary>The moment when what is granted now for so long ends.</summary>
    public long End(TimeSpan hold) => time.GetTimestamp() + (long)(hold.TotalSeconds * time.TimestampFrequency);

    public void Keep(string target, StringValues authorization, Grant grant)
    {
        if (Epoch()?.Current != grant.Epoch)
        {
            return;
        }

        var shelf = _shelf;
        if (shelf is null || !shelf.TryAdd(Key.Of(target, authorization), grant))
        {
            shelf = new Shelf();
            shelf.TryAdd(Key.Of(target, authorization), grant);
            _shelf = shelf;
            SweepLater();
        }
    }

    public void Dispose() => _sweep?.Dispose();

    private ChangeEpoch? Epoch()
    {
        if (_epoch is null)
        {
            lock (_opening)
            {
                _epoch ??= ChangeEpoch.TryRead(epochFile);
            }
        }

        return _epoch;
    }

    /// <summary>What nobody asks for any more gives its memory back.</summary>
    private void SweepLater()
    {
        lock (_opening)
        {
            _sweep ??= time.CreateTimer(_ => Sweep(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _sweep.Change(SweepAfter, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>With everything: those that are still asked for are granted anew.</summary>
    private void Sweep() => _shelf = null;

    /// <summary>Of the credentials their hash only, so that no copy of a token stays behind. All zero: none were sent.</summary>
    private readonly record struct Key(string Target, UInt128 High, UInt128 Low)
    {
        public static Key Of(string target, StringValues authorization)
        {
            if (authorization.Count == 0)
            {
                return new Key(target, 0, 0);
            }

            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            var text = authorization.ToString();
            SHA256.HashData(MemoryMarshal.AsBytes(text.AsSpan()), hash);
            return new Key(target, MemoryMarshal.Read<UInt128>(hash), MemoryMarshal.Read<UInt128>(hash[16..]));
        }
    }

    private sealed class Shelf
    {
        private int _count;
        private int _bytes;

        public ConcurrentDictionary<Key, Grant> Grants { get; } = new();

        /// <summary>False: it is full.</summary>
        public bool TryAdd(Key key, Grant grant)
        {
            if (Interlocked.Increment(ref _count) > MostGrants || Interlocked.Add(ref _bytes, 2 * key.Target.Length + (grant.Content?.Length ?? 0)) > MostBytes)
            {
                return false;
            }

            Grants[key] = grant;
            return true;
        }
    }
}
