using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Paas.Engine.Native.Bundles;
using Paas.Engine.Native.Interop;

namespace Paas.Engine.Native.Roots;

/// <summary>A user namespace that only lends its id map to idmapped mounts. Sandboxes get one each from the runtime, with the same map.</summary>
internal sealed class UserNamespace : IDisposable
{
    private readonly SafeFileHandle _handle;

    private UserNamespace(SafeFileHandle handle) => _handle = handle;

    public int Descriptor => (int)_handle.DangerousGetHandle();

    /// <summary>Host id of id 0: in the range that distributions leave to containers, different for homes of different tags.</summary>
    public static int BaseFor(string tag) =>
        0x2000_0000 + ((int.Parse(tag, NumberStyles.HexNumber, CultureInfo.InvariantCulture) & 0x3fff) * BundleConfig.IdCount);

    /// <summary>Made by a program of one thread; the kernel refuses it to one with several (unshare(2), EINVAL).</summary>
    /// <exception cref="EngineException">The kernel makes none.</exception>
    public static async Task<UserNamespace> CreateAsync(string program, int firstId, CancellationToken cancellationToken)
    {
        using var input = new Pipes();
        using var output = new Pipes();
        var child = ChildProcess.Start([program], [], [(input.ReadEnd, 0), (output.WriteEnd, 1)]);
        output.CloseWrite();
        await using var answer = output.OpenRead();
        if (await answer.ReadAsync(new byte[1], cancellationToken) != 1)
        {
            await child.Ended;
            throw new EngineException("The kernel makes no user namespace (sysctl user.max_user_namespaces or kernel.unprivileged_userns_clone?).");
        }

        var map = string.Create(CultureInfo.InvariantCulture, $"0 {firstId} {BundleConfig.IdCount}\n");
        await File.WriteAllTextAsync($"/proc/{child.Pid}/uid_map", map, cancellationToken);
        await File.WriteAllTextAsync($"/proc/{child.Pid}/gid_map", map, cancellationToken);
        var descriptor = (int)Libc.Check(Libc.Open($"/proc/{child.Pid}/ns/user", Libc.O_RDONLY | Libc.O_CLOEXEC, 0), "open the user namespace");
        input.CloseWrite();
        await child.Ended;
        return new UserNamespace(new SafeFileHandle(descriptor, ownsHandle: true));
    }

    public void Dispose() => _handle.Dispose();
}
