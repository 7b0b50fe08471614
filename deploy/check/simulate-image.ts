/** placeholder to be replaced below */
export async function simulateImage(_folder: string): Promise<string[]> {
  return [];
}
