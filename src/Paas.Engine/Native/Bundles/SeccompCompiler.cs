using System.Runtime.InteropServices;
using Paas.Engine.Native.Interop;

namespace Paas.Engine.Native.Bundles;

/// <summary>Compiles a profile to the kernel's filter with libseccomp, once for every start of control instead of once per
/// instance (5-25 ms each).</summary>
internal static unsafe partial class SeccompCompiler
{
    private const string Library = "libseccomp.so.2";
    private const int OptimizeAttribute = 8;
    private const int AlreadyThere = -17;

    /// <summary>Base64 of the filter for crun's annotation run.oci.seccomp_bpf_data; null without libseccomp.</summary>
    public static string? TryCompile(RuntimeSeccomp profile)
    {
        if (!NativeLibrary.TryLoad(Library, out _))
        {
            return null;
        }

        var context = Initialize(Action(profile.DefaultAction, profile.DefaultErrnoRet));
        try
        {
            // 2: a binary tree instead of a list.
            SetAttribute(context, OptimizeAttribute, 2);
            foreach (var rule in profile.Syscalls)
            {
                foreach (var name in rule.Names)
                {
                    Add(context, Action(rule.Action, rule.ErrnoRet ?? 1), name, rule.Args ?? []);
                }
            }

            return Export(context);
        }
        finally
        {
            Release(context);
        }
    }

    private static void Add(nint context, uint action, string name, IReadOnlyList<RuntimeArgument> arguments)
    {
        var number = Resolve(name);
        if (number == -1)
        {
            // This libseccomp does not know it, so the default answers: ENOSYS.
            return;
        }

        var compares = stackalloc Compare[Math.Max(1, arguments.Count)];
        for (var i = 0; i < arguments.Count; i++)
        {
            compares[i] = new Compare
            {
                Argument = (uint)arguments[i].Index,
                Operation = arguments[i].Op == "SCMP_CMP_MASKED_EQ" ? 7 : 4,
                First = arguments[i].Value,
                Second = arguments[i].ValueTwo,
            };
        }

        var error = AddRule(context, action, number, (uint)arguments.Count, compares);
        if (error is < 0 and not AlreadyThere)
        {
            throw new EngineException($"The seccomp rule for {name} cannot be compiled (libseccomp says {error}).");
        }
    }

    private static string Export(nint context)
    {
        var file = (int)Libc.Check(Libc.CreateMemoryFile("seccomp", 0), "memfd_create");
        try
        {
            if (ExportFilter(context, file) != 0)
            {
                throw new EngineException("The seccomp filter cannot be written.");
            }

            var filter = new byte[Libc.Seek(file, 0, 2)];
            Libc.Seek(file, 0, 0);
            fixed (byte* start = filter)
            {
                Libc.Check(Libc.Read(file, start, filter.Length), "read the seccomp filter");
            }

            return Convert.ToBase64String(filter);
        }
        finally
        {
            Libc.Close(file);
        }
    }

    private static uint Action(string action, int errno) => action == "SCMP_ACT_ALLOW" ? 0x7fff0000 : 0x00050000 | (uint)errno;

    [LibraryImport(Library, EntryPoint = "seccomp_init")]
    private static partial nint Initialize(uint action);

    [LibraryImport(Library, EntryPoint = "seccomp_release")]
    private static partial void Release(nint context);

    [LibraryImport(Library, EntryPoint = "seccomp_attr_set")]
    private static partial void SetAttribute(nint context, int attribute, uint value);

    [LibraryImport(Library, EntryPoint = "seccomp_syscall_resolve_name", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Resolve(string name);

    [LibraryImport(Library, EntryPoint = "seccomp_rule_add_array")]
    private static partial int AddRule(nint context, uint action, int number, uint count, Compare* compares);

    [LibraryImport(Library, EntryPoint = "seccomp_export_bpf")]
    private static partial int ExportFilter(nint context, int file);

    /// <summary>struct scmp_arg_cmp of seccomp.h.</summary>
    private struct Compare
    {
        public uint Argument;
        public int Operation;
        public ulong First;
        public ulong Second;
    }
}
