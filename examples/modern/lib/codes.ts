const codes: Record<string, string> = {
  '2823-3': 'K',
  '2951-2': 'NA',
};

/** The receiver's own code of a LOINC code. */
export function local(loinc: string): string | undefined {
  return codes[loinc];
}
