namespace Paas.Accounts.SignIn;

/// <summary>How many passwords may be tried: 10 for an account and 50 from an address within 15 minutes, then neither takes one for 15 minutes.</summary>
/// <remarks>Names that do not exist are counted like those that do, so that a limit tells nothing. Names and addresses fall into a fixed number
/// of buckets, by a hash that is another in each process: strangers cannot fill the memory, and cannot choose a bucket.</remarks>
internal sealed class SignInLimits(TimeProvider time)
{
    private const int PerAccount = 10;
    private const int PerAddress = 50;
    private const int Buckets = 1 << 16;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(15);

    private readonly Lock _gate = new();
    private readonly Dictionary<int, Tries> _accounts = [];
    private readonly Dictionary<int, Tries> _addresses = [];

    /// <summary>Counts a try before it is made, so that many at once do not all slip through.</summary>
    /// <returns>Null: go on. Otherwise until when no password is taken.</returns>
    public DateTimeOffset? Begin(string account, string address)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            var ofAccount = Of(_accounts, account);
            var ofAddress = Of(_addresses, NetworkOf(address));
            if (Later(ofAccount.LockedUntil, ofAddress.LockedUntil) is { } until && until > now)
            {
                return until;
            }

            ofAccount.Add(now, PerAccount);
            ofAddress.Add(now, PerAddress);
            return null;
        }
    }

    /// <summary>The password was right: the account's tries are forgotten, and this one of the address.</summary>
    public void Succeeded(string account, string address)
    {
        lock (_gate)
        {
            _accounts.Remove(Bucket(account));
            Of(_addresses, NetworkOf(address)).TakeBack();
        }
    }

    /// <summary>The account has a new password: what was tried at the old one says nothing about it.</summary>
    public void Renewed(string account)
    {
        lock (_gate)
        {
            _accounts.Remove(Bucket(account));
        }
    }

    private static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) => one > other || other is null ? one : other;

    private static Tries Of(Dictionary<int, Tries> table, string key)
    {
        var bucket = Bucket(key);
        return table.TryGetValue(bucket, out var tries) ? tries : table[bucket] = new Tries();
    }

    private static int Bucket(string key) => key.GetHashCode(StringComparison.Ordinal) & (Buckets - 1);

    /// <summary>One subscriber has a whole /64 of IPv6 (RFC 6177).</summary>
    private static string NetworkOf(string address) =>
        System.Net.IPAddress.TryParse(address, out var ip) && ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6
            ? Convert.ToHexString(ip.GetAddressBytes().AsSpan(0, 8))
            : address;

    private sealed class Tries
    {
        private readonly Queue<DateTimeOffset> _times = new();

        public DateTimeOffset? LockedUntil { get; private set; }

        public void Add(DateTimeOffset now, int limit)
        {
            LockedUntil = null;
            while (_times.TryPeek(out var oldest) && oldest <= now - Window)
            {
                _times.Dequeue();
            }

            _times.Enqueue(now);
            if (_times.Count >= limit)
            {
                LockedUntil = now + Window;
                _times.Clear();
            }
        }

        public void TakeBack()
        {
            LockedUntil = null;
            _times.TryDequeue(out _);
        }
    }
}
