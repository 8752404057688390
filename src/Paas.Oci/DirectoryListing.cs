using System.Buffers.Binary;

namespace Paas.Oci;

/// <summary>The names in a directory, as bytes: .NET's own enumeration garbles what is not UTF-8.</summary>
internal static unsafe class DirectoryListing
{
    // struct linux_dirent64: ino 8, off 8, reclen 2, type 1, name.
    private const int LengthOffset = 16;
    private const int NameOffset = 19;

    /// <summary>Without "." and "..", in no order.</summary>
    public static List<ReadOnlyMemory<byte>> Read(Fd directory, string what)
    {
        var names = new List<ReadOnlyMemory<byte>>();
        Span<byte> buffer = new byte[32 << 10];
        while (true)
        {
            int length;
            fixed (byte* start = buffer)
            {
                length = (int)Posix.Check(Posix.ReadDirectory(directory.Number, start, buffer.Length), "list", what);
            }

            if (length == 0)
            {
                return names;
            }

            for (var rest = buffer[..length]; !rest.IsEmpty;)
            {
                var size = BinaryPrimitives.ReadUInt16LittleEndian(rest[LengthOffset..]);
                var name = rest[NameOffset..size];
                name = name[..name.IndexOf((byte)0)];
                if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                {
                    names.Add(name.ToArray());
                }

                rest = rest[size..];
            }
        }
    }
}
